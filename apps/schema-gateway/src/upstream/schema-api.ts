import { schema as api } from '@penstock/contracts';
import { configOf, contextOf, defaultContext, type Mode } from '@penstock/registry';
import type { CompatibilityLevel } from '@penstock/schema';
import { type GrpcHandlers, type GrpcServer, serverStream, unary } from '@penstock/service';
import { isVisible } from '../access/caller.ts';
import { demandOneOf } from '../access/need.ts';
import { draftOf, levelNumber, levelText, modeNumber, modeText } from '../grpc/schema-messages.ts';
import { notUpstream } from '../problems.ts';
import { setConfig } from '../schemas/change.ts';
import { stageUses, trainingUses } from '../schemas/uses.ts';
import { guidFor } from './demand-guid.ts';
import type { Follower } from './follower.ts';
import { breaksOf, refuseBreaking, refuseDeletion } from './guard.ts';
import type { UpstreamContent, UpstreamVersion } from './upstream-registry.ts';
import type { FrontGateway } from './upstream-state.ts';

type Handlers = GrpcHandlers<typeof api.SchemaServiceService>;

export interface SchemaFront extends FrontGateway {
  readonly follower: Pick<Follower, 'follow'>;
}

/** `penstock.schema.v1` as far as a registry tells what it needs. */
export function serveUpstreamSchemas(server: GrpcServer, front: SchemaFront): void {
  server.add(api.SchemaServiceService, {
    ...changeHandlers(front),
    ...readHandlers(front),
    ...listHandlers(front),
    ...configHandlers(front),
    ...modeHandlers(front),
  });
}

type ChangeHandlers = Pick<Handlers, 'register' | 'deleteVersion' | 'deleteSubject'>;

function changeHandlers(front: SchemaFront): ChangeHandlers {
  const { registry, gateway, follower } = front;
  return {
    register: unary(async ({ subject, schema, normalize, dryRun, overrideReason }: api.RegisterRequest) => {
      const draft = draftOf(schema, normalize);
      const known = await registry.find(subject, draft);
      if (known !== null) return { id: known.id, version: known.version, replanned: [] };
      if (overrideReason === '') await refuseBreaking(front, subject, { draft, dryRun });
      if (dryRun) return { id: 0, version: ((await registry.latest(subject))?.version ?? 0) + 1, replanned: [] };
      const { id, version } = await registry.register(subject, draft);
      gateway.tell('schema.registered', { subject, id, version, ...(overrideReason === '' ? {} : { overrideReason }) });
      return { id, version, replanned: await follower.follow(subject) };
    }),
    deleteVersion: unary(async ({ subject, version, permanent }: api.DeleteVersionRequest) => {
      if (permanent) refuseDeletion(front, subject, version);
      await registry.deleteVersion(subject, version, permanent);
      gateway.tell('schema.deleted', { subject, version, permanent });
      return {};
    }),
    deleteSubject: unary(async ({ subject, permanent }: api.DeleteSubjectRequest) => {
      if (permanent) refuseDeletion(front, subject, null);
      const versions = await registry.deleteSubject(subject, permanent);
      gateway.tell('schema.subject-deleted', { subject, permanent, versions: versions.join(', ') });
      return { versions };
    }),
  };
}

function readHandlers(front: SchemaFront): Pick<Handlers, 'check' | 'lookup' | 'getSchema' | 'getVersion'> {
  const { registry } = front;
  return {
    check: unary(async ({ subject, schema, version }: api.CheckRequest) => {
      const draft = draftOf(schema, undefined);
      const [{ is_compatible: isCompatible, messages }, breaks, { level }] = await Promise.all([
        registry.check(subject, draft, version),
        breaksOf(front, subject, draft),
        registry.config(subject),
      ]);
      const compatibility = levelNumber(level as CompatibilityLevel);
      const reasons = isCompatible ? [] : (messages ?? []);
      return {
        compatible: isCompatible && breaks.length === 0,
        compatibility,
        incompatibilities: reasons.map((message) => ({ ...unsaid, version, direction: compatibility, message })),
        breaks: [...breaks],
        noVerdict: '',
      };
    }),
    lookup: unary(async ({ subject, schema, normalize, deleted }: api.LookupRequest) => {
      return { version: versionOf(await registry.lookup(subject, draftOf(schema, normalize), deleted), false) };
    }),
    getSchema: unary(async (request: api.GetSchemaRequest) => {
      const { id, context } = request.guid === undefined ? request : await registry.named(request.guid, request.context);
      const subject = context === '' || context === defaultContext ? undefined : `:${context}:`;
      const [content, versions] = await Promise.all([registry.content(id, subject), registry.uses(id, subject)]);
      demandOneOf(versions, id);
      const visible = versions.filter((each) => isVisible(each.subject));
      return { schema: schemaOf(content), versions: visible, id, guid: guidFor(content) };
    }),
    getVersion: unary(async ({ subject, version, deleted }: api.GetVersionRequest) => {
      const found = await registry.version(subject, version === 0 ? 'latest' : version, deleted);
      return { version: versionOf(found, deleted && !(await isLive(front, found))) };
    }),
  };
}

/** Upstream gives its reasons as text. */
const unsaid = { type: '', path: '', reader: '', writer: '' };

function listHandlers(front: SchemaFront): Pick<Handlers, 'listSubjects' | 'listVersions' | 'listUses' | 'watch'> {
  const { registry, gateway } = front;
  return {
    listSubjects: unary(async ({ prefix, deleted }: api.ListSubjectsRequest) => {
      const subjects = await registry.subjects(prefix, deleted);
      return { subjects: subjects.filter((subject) => subject.startsWith(prefix) && isVisible(subject)) };
    }),
    listVersions: unary(async ({ subject, deleted, latestOnly }: api.ListVersionsRequest) => {
      const subjects = subject === '' ? (await registry.subjects('', deleted)).filter(isVisible) : [subject];
      const versions: api.Version[] = [];
      for (const each of subjects) {
        const [all, live] = await Promise.all([registry.versions(each, deleted), deleted ? liveVersions(front, each) : null]);
        for (const version of latestOnly ? all.slice(-1) : all) {
          versions.push(versionOf(await registry.version(each, version, deleted), live !== null && !live.includes(version)));
        }
      }
      return { versions };
    }),
    listUses: unary(async ({ subject }: api.ListUsesRequest) => {
      const { state } = gateway.log;
      const stages = stageUses(state, subject).map(({ fields, ...use }) => ({ ...use, fields: [...fields] }));
      const trainings = trainingUses(state, subject).map(({ fields, ...use }) => ({ ...use, fields: [...fields] }));
      const references = await referenceUses(front, subject);
      return {
        uses: [
          ...stages.map((value): api.Use => ({ by: { $case: 'stage', value } })),
          ...trainings.map((value): api.Use => ({ by: { $case: 'training', value } })),
          ...references.map((value): api.Use => ({ by: { $case: 'reference', value } })),
        ],
      };
    }),
    watch: serverStream(refuseWatch),
  };
}

function refuseWatch(): AsyncIterable<api.WatchResponse> {
  throw notUpstream('Watch: a registry upstream does not tell what changes in it; ask for the latest versions now and then');
}

type ConfigHandlers = Pick<Handlers, 'getConfig' | 'setConfig' | 'deleteConfig'>;

function configHandlers({ registry, gateway }: SchemaFront): ConfigHandlers {
  const configMessage = async (subject: string): Promise<{ config: api.Config; own: boolean }> => {
    const { level, normalize, own } = await registry.config(subject);
    const { guard } = configOf(gateway.log.state.registry, subject);
    const config = { compatibility: levelNumber(level as CompatibilityLevel), normalize, guard };
    return { config: api.Config.fromPartial(config), own };
  };
  return {
    getConfig: unary(async ({ subject }: api.GetConfigRequest) => configMessage(subject)),
    setConfig: unary(async ({ subject, compatibility, normalize, guard }: api.SetConfigRequest, { signal }) => {
      const level = levelText(compatibility);
      const body = {
        ...(level === undefined ? {} : { compatibility: level }),
        ...(normalize === undefined ? {} : { normalize }),
      };
      if (Object.keys(body).length > 0) {
        await registry.set('config', subject, { body });
        gateway.tell('schema.config-set', { subject, ...body });
      }
      if (guard !== undefined) await setConfig(gateway, { subject, guard }, signal);
      return { config: (await configMessage(subject)).config };
    }),
    deleteConfig: unary(async ({ subject }: api.DeleteConfigRequest) => {
      await registry.unset('config', subject);
      gateway.tell('schema.config-deleted', { subject });
      return {};
    }),
  };
}

function modeHandlers({ registry, gateway }: SchemaFront): Pick<Handlers, 'getMode' | 'setMode' | 'deleteMode'> {
  return {
    getMode: unary(async ({ subject }: api.GetModeRequest) => {
      const { mode, own } = await registry.mode(subject);
      return { mode: modeNumber(mode as Mode), own };
    }),
    setMode: unary(async ({ subject, mode, force }: api.SetModeRequest) => {
      await registry.set('mode', subject, { body: { mode: modeText(mode) }, query: { force } });
      gateway.tell('schema.mode-set', { subject, mode: modeText(mode) });
      return {};
    }),
    deleteMode: unary(async ({ subject }: api.DeleteModeRequest) => {
      await registry.unset('mode', subject);
      gateway.tell('schema.mode-deleted', { subject });
      return {};
    }),
  };
}

async function isLive(front: FrontGateway, { subject, version }: UpstreamVersion): Promise<boolean> {
  return (await liveVersions(front, subject)).includes(version);
}

async function liveVersions({ registry }: Pick<FrontGateway, 'registry'>, subject: string): Promise<readonly number[]> {
  const subjects = await registry.subjects(subject, false);
  return subjects.includes(subject) ? registry.versions(subject, false) : [];
}

async function referenceUses({ registry }: Pick<FrontGateway, 'registry'>, subject: string): Promise<api.VersionName[]> {
  const versions = await liveVersions({ registry }, subject);
  const ids = new Set((await Promise.all(versions.map((version) => registry.referrers(subject, version)))).flat());
  const context = contextOf(subject);
  const of = context === defaultContext ? undefined : `:${context}:`;
  return (await Promise.all([...ids].map((id) => registry.uses(id, of)))).flat();
}

function schemaOf({ schemaType, schema, references }: UpstreamContent): api.Schema {
  return { format: api.SchemaFormat[schemaType ?? 'AVRO'], text: schema, references: references ?? [] };
}

function versionOf(found: UpstreamVersion, deleted: boolean): api.Version {
  const { subject, version, id } = found;
  return { subject, version, id, schema: schemaOf(found), deleted };
}
