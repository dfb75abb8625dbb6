import { schema as api } from '@penstock/contracts';
import {
  checkSubject,
  contentKey,
  defaultContext,
  guidOf,
  lookUpVersion,
  modeOf,
  type Registry,
  readDraft,
  registryProblems,
  type SchemaContent,
} from '@penstock/registry';
import { type GrpcHandlers, type GrpcServer, serverStream, unary as unaryOf } from '@penstock/service';
import { isVisible } from '../access/caller.ts';
import type { Gateway } from '../gateway.ts';
import { caughtUp } from '../schemas/caught-up.ts';
import { deleteConfig, deleteMode, deleteSubject, deleteVersion, setConfig, setMode } from '../schemas/change.ts';
import { check } from '../schemas/check.ts';
import { everyContext, findContent, findGuid, findStored, listSubjects, liveVersions } from '../schemas/find.ts';
import { register } from '../schemas/register.ts';
import { referenceUses, stageUses, trainingUses } from '../schemas/uses.ts';
import {
  checkAnswerOf,
  configChangeOf,
  configMessage,
  draftOf,
  modeNumber,
  modeText,
  schemaOf,
  versionOf,
} from './schema-messages.ts';
import { streamChanges } from './stream-changes.ts';

type Handlers = GrpcHandlers<typeof api.SchemaServiceService>;

/** `penstock.schema.v1`: the same core as the REST door. */
export function serveSchemas(server: GrpcServer, gateway: Gateway): void {
  server.add(api.SchemaServiceService, { ...versionHandlers(gateway), ...listHandlers(gateway), ...settingHandlers(gateway) });
}

/** Nothing is said to be missing that another gateway has just written. */
function whenCaughtUp({ log }: Gateway): typeof unaryOf {
  return (answer) => unaryOf((request, call) => caughtUp(log, () => answer(request, call)));
}

type VersionHandlers = Pick<
  Handlers,
  'register' | 'check' | 'lookup' | 'getSchema' | 'getVersion' | 'deleteVersion' | 'deleteSubject'
>;

function versionHandlers(gateway: Gateway): VersionHandlers {
  const unary = whenCaughtUp(gateway);
  const { registry } = gateway.log.state;
  return {
    register: unary(async ({ subject, schema, normalize, dryRun, overrideReason }: api.RegisterRequest, { signal }) => {
      const wanted = { subject, draft: draftOf(schema, normalize), given: null, dryRun, overrideReason: overrideReason || null };
      const { id, version, replanned } = await register(gateway, wanted, signal);
      return { id, version, replanned: [...replanned] };
    }),
    check: unary(async ({ subject, schema, version }: api.CheckRequest) => {
      const versions = version === 0 ? null : [findStored(registry, subject, { version, deleted: false })];
      return checkAnswerOf(check(gateway, { subject, draft: draftOf(schema, undefined), versions }));
    }),
    lookup: unary(async ({ subject, schema, normalize, deleted }: api.LookupRequest) => {
      liveVersions(registry, subject, deleted);
      const candidate = readDraft(registry, subject, { ...draftOf(schema, normalize), isSought: true });
      const found = lookUpVersion(registry, subject, { candidate, deleted });
      if (found === undefined) throw registryProblems.unknownSchema('Schema not found', { facts: { subject } });
      return { version: versionOf(found) };
    }),
    getSchema: unary(async (request: api.GetSchemaRequest) => {
      const content = contentOf(registry, request);
      const versions = registry.uses.get(contentKey(content.context, content.id)) ?? [];
      const visible = [...versions].filter(({ subject }) => isVisible(subject));
      return { schema: schemaOf(content), versions: visible, id: content.id, guid: guidOf(content) };
    }),
    getVersion: unary(async ({ subject, version, deleted }: api.GetVersionRequest) => {
      return { version: versionOf(findStored(registry, subject, { version: version === 0 ? 'latest' : version, deleted })) };
    }),
    deleteVersion: unary(async ({ subject, version, permanent }: api.DeleteVersionRequest, { signal }) => {
      await deleteVersion(gateway, { subject, version, permanent }, signal);
      return {};
    }),
    deleteSubject: unary(async ({ subject, permanent }: api.DeleteSubjectRequest, { signal }) => {
      return { versions: await deleteSubject(gateway, { subject, permanent }, signal) };
    }),
  };
}

/** By GUID where one is given, else by id. Throws `registry.unknown-schema`. */
function contentOf(registry: Registry, { id, context, guid }: api.GetSchemaRequest): SchemaContent {
  if (guid === undefined) return findContent(registry, id, context || defaultContext);
  return findGuid(registry, guid, context || null)[0];
}

function listHandlers(gateway: Gateway): Pick<Handlers, 'listSubjects' | 'listVersions' | 'listUses' | 'watch'> {
  const unary = whenCaughtUp(gateway);
  const { state } = gateway.log;
  return {
    listSubjects: unary(async ({ prefix, deleted }: api.ListSubjectsRequest) => {
      return { subjects: listSubjects(state.registry, { prefix: prefix || everyContext, deleted }) };
    }),
    listVersions: unary(async ({ subject, deleted, latestOnly }: api.ListVersionsRequest) => {
      const subjects = subject === '' ? listSubjects(state.registry, { prefix: everyContext, deleted }) : [subject];
      const versions = subjects.flatMap((name) => {
        const all = liveVersions(state.registry, name, deleted);
        return latestOnly ? all.slice(-1) : all;
      });
      return { versions: versions.map(versionOf) };
    }),
    listUses: unary(async ({ subject }: api.ListUsesRequest) => {
      const stages = stageUses(state, subject).map(({ fields, ...use }) => ({ ...use, fields: [...fields] }));
      const trainings = trainingUses(state, subject).map(({ fields, ...use }) => ({ ...use, fields: [...fields] }));
      return {
        uses: [
          ...stages.map((value): api.Use => ({ by: { $case: 'stage', value } })),
          ...trainings.map((value): api.Use => ({ by: { $case: 'training', value } })),
          ...referenceUses(state, subject).map((value): api.Use => ({ by: { $case: 'reference', value } })),
        ],
      };
    }),
    watch: serverStream(async function* ({ prefix }: api.WatchRequest, { signal }) {
      const changes = streamChanges(gateway.log, signal);
      yield { kind: 'watching', subject: '' };
      for await (const change of changes) {
        if (
          change.kind === 'pipeline' ||
          change.kind === 'key' ||
          !change.subject.startsWith(prefix) ||
          !isVisible(change.subject)
        )
          continue;
        yield { kind: change.kind, subject: change.subject, version: change.version };
      }
    }),
  };
}

type SettingHandlers = Pick<Handlers, 'getConfig' | 'setConfig' | 'deleteConfig' | 'getMode' | 'setMode' | 'deleteMode'>;

function settingHandlers(gateway: Gateway): SettingHandlers {
  const unary = whenCaughtUp(gateway);
  const { registry } = gateway.log.state;
  return {
    getConfig: unary(async ({ subject }: api.GetConfigRequest) => {
      return { config: configMessage(registry, subject), own: registry.configs.get(subject) !== undefined };
    }),
    setConfig: unary(async (request: api.SetConfigRequest, { signal }) => {
      const { subject } = request;
      if (subject !== '') checkSubject(subject);
      await setConfig(gateway, { subject, ...configChangeOf(request) }, signal);
      return { config: configMessage(registry, subject) };
    }),
    deleteConfig: unary(async ({ subject }: api.DeleteConfigRequest, { signal }) => {
      await deleteConfig(gateway, subject, signal);
      return {};
    }),
    getMode: unary(async ({ subject }: api.GetModeRequest) => {
      return { mode: modeNumber(modeOf(registry, subject)), own: registry.modes.get(subject) !== undefined };
    }),
    setMode: unary(async ({ subject, mode, force }: api.SetModeRequest, { signal }) => {
      if (subject !== '') checkSubject(subject);
      await setMode(gateway, { subject, mode: modeText(mode), force }, signal);
      return {};
    }),
    deleteMode: unary(async ({ subject }: api.DeleteModeRequest, { signal }) => {
      await deleteMode(gateway, { subject }, signal);
      return {};
    }),
  };
}
