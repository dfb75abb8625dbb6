import { Problem } from '@penstock/kernel';
import type { CompatibilityLevel, SchemaDraft, SchemaFormat, SchemaReference } from '@penstock/schema';
import { notFound, registryRefused } from '../command-line/problems.ts';
import type { RegistryAccess } from './registry-access.ts';
import type { CheckAnswer, Config, Reason, RegistryDoor, Setting, StoredVersion, VersionName } from './registry-door.ts';
import { type AskRest, createRestClient } from './rest-client.ts';

/** A schema as Confluent's API spells it. */
interface RestSchema {
  readonly subject?: string;
  readonly version?: number;
  readonly id?: number;
  readonly schema: string;
  readonly schemaType?: SchemaFormat;
  readonly references?: readonly SchemaReference[];
}

/** Any registry that speaks Confluent's API. */
export function createRestDoor(url: string, access: Pick<RegistryAccess, 'login' | 'tls'>): RegistryDoor {
  const ask = createRestClient(url, access);
  return { address: url, [Symbol.dispose]: () => undefined, ...schemaQuestions(ask), ...listQuestions(ask), ...settings(ask) };
}

const at = (subject: string): string => `/subjects/${encodeURIComponent(subject)}`;

function schemaQuestions(
  ask: AskRest,
): Pick<RegistryDoor, 'register' | 'check' | 'version' | 'byId' | 'deleteVersion' | 'deleteSubject'> {
  return {
    async register(subject, draft, { normalize, dryRun }) {
      const query = new URLSearchParams({ normalize: String(normalize), ...(dryRun ? { dryRun: 'true' } : {}) });
      const { id = 0, version } = (await ask(`POST ${at(subject)}/versions?${query}`, bodyOf(draft))) as Partial<RestSchema>;
      return { id, version: version ?? null, replanned: [] };
    },
    async check(subject, draft, version) {
      const path = `/compatibility${at(subject)}/versions${version === null ? '' : `/${version}`}?verbose=true`;
      const answer = (await ask(`POST ${path}`, bodyOf(draft))) as { is_compatible: boolean; messages?: readonly string[] };
      if (answer.is_compatible === false && isNoVerdict(answer.messages ?? []))
        throw registryRefused(`the registry says: ${answer.messages?.join(' ')}`);
      return answerOf(answer, await levelOf(ask, subject));
    },
    version: async (subject, version) => storedOf((await ask(`GET ${at(subject)}/versions/${version}`)) as RestSchema, false),
    async byId(id) {
      const { format, text, references } = storedOf((await ask(`GET /schemas/ids/${id}`)) as RestSchema, false);
      return { id, format, text, references, versions: (await ask(`GET /schemas/ids/${id}/versions`)) as VersionName[] };
    },
    async deleteVersion(subject, version, permanent) {
      await ask(`DELETE ${at(subject)}/versions/${version}${permanent ? '?permanent=true' : ''}`);
    },
    async deleteSubject(subject, permanent) {
      return (await ask(`DELETE ${at(subject)}${permanent ? '?permanent=true' : ''}`)) as number[];
    },
  };
}

function listQuestions(ask: AskRest): Pick<RegistryDoor, 'versions' | 'list' | 'uses'> {
  return {
    versions: (subject, deleted) => versionsOf(ask, subject, deleted),
    async list(prefix, deleted) {
      try {
        return await listAtOnce(ask, prefix, deleted);
      } catch (thrown) {
        if (!notFound.caused(thrown)) throw thrown;
        return await listBySubject(ask, prefix, deleted);
      }
    },
    async uses(subject) {
      const ids = new Set<number>();
      for (const { version } of await versionsOf(ask, subject, false))
        for (const id of (await ask(`GET ${at(subject)}/versions/${version}/referencedby`)) as number[]) ids.add(id);
      const references: VersionName[] = [];
      for (const id of ids) references.push(...((await ask(`GET /schemas/ids/${id}/versions`)) as VersionName[]));
      return { stages: [], trainings: [], references, knowsPipelines: false };
    },
  };
}

async function listAtOnce(ask: AskRest, prefix: string, deleted: boolean): Promise<StoredVersion[]> {
  const query = new URLSearchParams({ subjectPrefix: prefix || ':*:' });
  const live = (await ask(`GET /schemas?${query}`)) as RestSchema[];
  if (!deleted) return live.map((each) => storedOf(each, false));
  const all = (await ask(`GET /schemas?${query}&deleted=true`)) as RestSchema[];
  const names = new Set(live.map(({ subject, version }) => `${version} ${subject}`));
  return all.map((each) => storedOf(each, !names.has(`${each.version} ${each.subject}`)));
}

/** For registries that have no list of all schemas. */
async function listBySubject(ask: AskRest, prefix: string, deleted: boolean): Promise<StoredVersion[]> {
  const subjects = (await ask(`GET /subjects${deleted ? '?deleted=true' : ''}`)) as string[];
  const found: StoredVersion[] = [];
  for (const subject of subjects.filter((name) => name.startsWith(prefix)))
    found.push(...(await versionsOf(ask, subject, deleted)));
  return found;
}

async function versionsOf(ask: AskRest, subject: string, deleted: boolean): Promise<StoredVersion[]> {
  const numbers = async (query: string): Promise<number[]> => (await ask(`GET ${at(subject)}/versions${query}`)) as number[];
  // A subject without live versions is answered as one that is not there.
  const live = await numbers('').catch((thrown: unknown): number[] => {
    if (deleted && notFound.caused(thrown)) return [];
    throw thrown;
  });
  const all = deleted ? await numbers('?deleted=true') : live;
  const found: StoredVersion[] = [];
  for (const version of all) {
    const isLive = live.includes(version);
    const schema = (await ask(`GET ${at(subject)}/versions/${version}${isLive ? '' : '?deleted=true'}`)) as RestSchema;
    found.push(storedOf(schema, !isLive));
  }
  return found;
}

function settings(ask: AskRest): Pick<RegistryDoor, 'config' | 'setConfig' | 'unsetConfig' | 'mode' | 'setMode' | 'unsetMode'> {
  const under = (root: string, subject: string): string => (subject === '' ? root : `${root}/${encodeURIComponent(subject)}`);
  return {
    async config(subject) {
      const { value, own } = await inherited(ask, subject, (name) => under('/config', name));
      const { compatibilityLevel, ...others } = value as RestConfig;
      return { value: { ...nothingSet, ...others, compatibility: compatibilityLevel ?? (await levelOf(ask, '')) }, own };
    },
    async setConfig(subject, change: Partial<Config>) {
      await ask(`PUT ${under('/config', subject)}`, change);
    },
    async unsetConfig(subject) {
      await ask(`DELETE ${under('/config', subject)}`);
    },
    async mode(subject) {
      const { value, own } = await inherited(ask, subject, (name) => under('/mode', name));
      return { value: (value as { mode: string }).mode, own };
    },
    async setMode(subject, mode, force) {
      await ask(`PUT ${under('/mode', subject)}${force ? '?force=true' : ''}`, { mode });
    },
    async unsetMode(subject) {
      await ask(`DELETE ${under('/mode', subject)}`);
    },
  };
}

type RestConfig = Partial<Omit<Config, 'compatibility'>> & { readonly compatibilityLevel?: CompatibilityLevel };

const nothingSet: Omit<Config, 'compatibility'> = {
  ...{ normalize: false, validateFields: null, guard: null, alias: null, compatibilityPolicy: null, compatibilityGroup: null },
  ...{ defaultMetadata: null, overrideMetadata: null, defaultRuleSet: null, overrideRuleSet: null },
};

/** A subject's own setting, else that of all. */
async function inherited(ask: AskRest, subject: string, pathOf: (subject: string) => string): Promise<Setting<unknown>> {
  try {
    return { value: await ask(`GET ${pathOf(subject)}`), own: true };
  } catch (thrown) {
    if (subject === '' || !(thrown instanceof Problem) || !notFound.caused(thrown)) throw thrown;
    return { value: await ask(`GET ${pathOf('')}`), own: false };
  }
}

async function levelOf(ask: AskRest, subject: string): Promise<CompatibilityLevel> {
  const path = subject === '' ? '/config' : `/config/${encodeURIComponent(subject)}?defaultToGlobal=true`;
  return ((await ask(`GET ${path}`)) as RestConfig).compatibilityLevel ?? 'BACKWARD';
}

function bodyOf({ format, text, references = [] }: SchemaDraft): object {
  return { schema: text, schemaType: format, references };
}

function storedOf(found: RestSchema, deleted: boolean): StoredVersion {
  const { subject = '', version = 0, id = 0, schema, schemaType = 'AVRO', references = [] } = found;
  return { subject, version, id, format: schemaType, text: schema, references, deleted };
}

function answerOf(
  { is_compatible: compatible, messages = [] }: { is_compatible: boolean; messages?: readonly string[] },
  level: CompatibilityLevel,
): CheckAnswer {
  const said = messages.filter((message) => !/^\{(oldSchema|oldSchemaVersion|validateFields|compatibility):/.test(message));
  return { compatible, level, reasons: compatible ? [] : said.map(reasonOf), breaks: [], noVerdict: null };
}

/** What is wrong with a schema is told in plain words, where reasons of a comparison have braces. */
function isNoVerdict(messages: readonly string[]): boolean {
  return messages.length > 0 && messages.every((message) => !message.startsWith('{'));
}

/** Confluent's registry tells a reason in one string: `{errorType:'…', description:'…', additionalInfo:'…'}`. */
function reasonOf(text: string): Reason {
  const type = /errorType:'([A-Z_]+)'/.exec(text)?.[1] ?? 'INCOMPATIBLE';
  const description = /description:'([\s\S]*?)'(?:, additionalInfo:|\}$)/.exec(text)?.[1] ?? text;
  const path = /at path '([^']*)'/.exec(description)?.[1] ?? '';
  return { version: null, direction: null, type, path, message: description, old: '', new: '' };
}
