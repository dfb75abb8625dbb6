import { schema as api } from '@penstock/contracts';
import { type CompatibilityLevel, compatibilityLevels, type SchemaDraft, type SchemaFormat } from '@penstock/schema';
import { createGrpcClient, type GrpcClient, type GrpcClientOptions } from '@penstock/service';
import { wrongUsage } from '../command-line/problems.ts';
import type { CheckAnswer, Config, Reason, RegistryDoor, StoredVersion, Uses } from './registry-door.ts';

type Client = GrpcClient<typeof api.SchemaServiceClient.service>;

/** A change waits for Kafka, and may take turns with others. */
const changing = { deadlineMs: 30_000 };

/** The gateway's own protocol, `penstock.schema.v1`. */
export function createGrpcDoor(address: string, options: GrpcClientOptions): RegistryDoor {
  const client = createGrpcClient(api.SchemaServiceClient, address, options);
  return {
    address,
    [Symbol.dispose]: () => client[Symbol.dispose](),
    ...schemaQuestions(client),
    ...changes(client),
    ...settings(client),
  };
}

type SchemaQuestions = Pick<RegistryDoor, 'register' | 'check' | 'version' | 'byId' | 'versions' | 'list' | 'uses'>;

/** All versions of a large registry would not fit into one answer. */
const subjectsAtOnce = 16;

async function versionsOf(client: Client, subject: string, deleted: boolean): Promise<StoredVersion[]> {
  const { versions } = await client.listVersions(api.ListVersionsRequest.fromPartial({ subject, deleted }));
  return versions.map(storedOf);
}

function schemaQuestions(client: Client): SchemaQuestions {
  return {
    async register(subject, draft, how) {
      const { id, version, replanned } = await client.register(
        api.RegisterRequest.fromPartial({ subject, schema: schemaOf(draft), ...how }),
        changing,
      );
      return { id, version: version === 0 ? null : version, replanned };
    },
    async check(subject, draft, version) {
      return answerOf(
        await client.check(api.CheckRequest.fromPartial({ subject, schema: schemaOf(draft), version: version ?? 0 })),
      );
    },
    async version(subject, version) {
      const { version: found } = await client.getVersion(
        api.GetVersionRequest.fromPartial({ subject, version: version === 'latest' ? 0 : version }),
      );
      return storedOf(found);
    },
    async byId(id) {
      const { schema, versions } = await client.getSchema(api.GetSchemaRequest.fromPartial({ id }));
      return { id, ...contentOf(schema), versions: versions.map(({ subject, version }) => ({ subject, version })) };
    },
    versions: (subject, deleted) => versionsOf(client, subject, deleted),
    async list(prefix, deleted) {
      const { subjects } = await client.listSubjects(api.ListSubjectsRequest.fromPartial({ prefix, deleted }));
      const found: StoredVersion[] = [];
      for (let from = 0; from < subjects.length; from += subjectsAtOnce) {
        const some = subjects.slice(from, from + subjectsAtOnce);
        found.push(...(await Promise.all(some.map((subject) => versionsOf(client, subject, deleted)))).flat());
      }
      return found;
    },
    uses: async (subject) => usesOf(await client.listUses({ subject })),
  };
}

function changes(client: Client): Pick<RegistryDoor, 'deleteVersion' | 'deleteSubject'> {
  return {
    async deleteVersion(subject, version, permanent) {
      await client.deleteVersion({ subject, version, permanent }, changing);
    },
    async deleteSubject(subject, permanent) {
      return (await client.deleteSubject({ subject, permanent }, changing)).versions;
    },
  };
}

function settings(client: Client): Pick<RegistryDoor, 'config' | 'setConfig' | 'unsetConfig' | 'mode' | 'setMode' | 'unsetMode'> {
  return {
    async config(subject) {
      const { config, own } = await client.getConfig({ subject });
      return { value: configOf(api.Config.fromPartial(config ?? { guard: true })), own };
    },
    async setConfig(subject, change) {
      await client.setConfig(api.SetConfigRequest.fromPartial({ subject, ...configChange(change) }), changing);
    },
    async unsetConfig(subject) {
      await client.deleteConfig({ subject }, changing);
    },
    async mode(subject) {
      const { mode, own } = await client.getMode({ subject });
      return { value: api.modeToJSON(mode).replace('MODE_', ''), own };
    },
    async setMode(subject, text, force) {
      const mode = api.Mode[text as keyof typeof api.Mode];
      await client.setMode({ subject, mode, force }, changing);
    },
    async unsetMode(subject) {
      await client.deleteMode({ subject }, changing);
    },
  };
}

function schemaOf({ format, text, references = [] }: SchemaDraft): api.Schema {
  return { format: api.SchemaFormat[format], text, references: [...references] } as api.Schema;
}

function contentOf(schema: api.Schema | undefined): Pick<StoredVersion, 'format' | 'text' | 'references'> {
  const { format = api.SchemaFormat.AVRO, text = '', references = [] } = schema ?? {};
  const name = api.schemaFormatToJSON(format).replace('SCHEMA_FORMAT_', '') as SchemaFormat;
  return { format: name, text, references: references.map((reference) => ({ ...reference })) };
}

function storedOf(found: api.Version | undefined): StoredVersion {
  const { subject = '', version = 0, id = 0, deleted = false } = found ?? {};
  return { subject, version, id, deleted, ...contentOf(found?.schema) };
}

function configOf({ compatibility, normalize, guard, ...others }: api.Config): Config {
  return {
    ...{ compatibility: levelText(compatibility), normalize, guard, validateFields: null },
    compatibilityPolicy: others.compatibilityPolicy || null,
    compatibilityGroup: others.compatibilityGroup || null,
    alias: others.alias || null,
    defaultMetadata: others.defaultMetadata ?? null,
    overrideMetadata: others.overrideMetadata ?? null,
    defaultRuleSet: others.defaultRuleSet ?? null,
    overrideRuleSet: others.overrideRuleSet ?? null,
  };
}

/** What is empty is taken away. Throws `cli.wrong-usage` for what this protocol does not have. */
function configChange({ compatibility, guard, validateFields, ...others }: Partial<Config>): Partial<api.SetConfigRequest> {
  if (validateFields !== undefined)
    throw wrongUsage('--validate-fields: the gateway takes it over REST alone: name its address with --registry');
  const { compatibilityPolicy, compatibilityGroup, alias, normalize, ...attachments } = others;
  const given = Object.entries({ compatibilityPolicy, compatibilityGroup, alias }).filter(([, text]) => text !== undefined);
  return {
    ...(compatibility === undefined ? {} : { compatibility: api.Compatibility[compatibility] }),
    ...(normalize === undefined ? {} : { normalize }),
    ...(typeof guard === 'boolean' ? { guard } : {}),
    ...Object.fromEntries(given.map(([name, text]) => [name, text ?? ''])),
    ...Object.fromEntries(Object.entries(attachments).map(([name, value]) => [name, value ?? {}])),
  };
}

function levelText(level: api.Compatibility): CompatibilityLevel {
  return compatibilityLevels.find((name) => api.Compatibility[name] === level) ?? 'BACKWARD';
}

function answerOf({ compatible, compatibility, incompatibilities, breaks, noVerdict }: api.CheckResponse): CheckAnswer {
  return {
    compatible,
    level: levelText(compatibility),
    reasons: incompatibilities.map(reasonOf),
    breaks: breaks.map((each) => ({ ...each })),
    noVerdict: noVerdict || null,
  };
}

function reasonOf({ version, direction, type, path, message, reader, writer }: api.Incompatibility): Reason {
  const backward = direction === api.Compatibility.BACKWARD;
  const sides = backward ? { old: writer, new: reader } : { old: reader, new: writer };
  return { version, direction: backward ? 'BACKWARD' : 'FORWARD', type, path, message, ...sides };
}

function usesOf({ uses }: api.ListUsesResponse): Uses {
  return {
    stages: uses.flatMap(({ by }) => (by?.$case === 'stage' ? [by.value] : [])),
    trainings: uses.flatMap(({ by }) => (by?.$case === 'training' ? [by.value] : [])),
    references: uses.flatMap(({ by }) => (by?.$case === 'reference' ? [by.value] : [])),
    knowsPipelines: true,
  };
}
