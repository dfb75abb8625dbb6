import { Ajv, type Options } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { notSupported } from '../problems.ts';

/** Which keywords a schema is read with. Drafts 4 and 6 are read as 7, which contains 6 and says the same as 4 otherwise. */
export type Dialect = 'draft-07' | '2019-09' | '2020-12';

const options: Options = { strict: false, allErrors: false, validateFormats: true, logger: false };
const dialects: readonly { readonly pattern: RegExp; readonly dialect: Dialect }[] = [
  { pattern: /draft-0[467]\/schema/, dialect: 'draft-07' },
  { pattern: /draft\/2019-09\/schema/, dialect: '2019-09' },
  { pattern: /draft\/2020-12\/schema/, dialect: '2020-12' },
];

/** The dialect that a schema names, else draft 7. Throws `schema.not-supported`. */
export function dialectOf(json: unknown): Dialect {
  const named = isObject(json) && '$schema' in json ? String(json['$schema']) : 'draft-07/schema';
  const found = dialects.find(({ pattern }) => pattern.test(named));
  if (found !== undefined) return found.dialect;
  throw notSupported(`JSON Schema: $schema ${named} is not supported; use draft-04, draft-06, draft-07, 2019-09 or 2020-12`, {
    facts: { dialect: named },
  });
}

/** For one schema and what it refers to. Whether a schema is well formed is asked of `complaintAbout`, which is compiled once. */
export function openAjv(dialect: Dialect, more: Options = {}): Ajv {
  const ajv = createAjv(dialect, { ...options, validateSchema: false, ...more });
  addFormats.default(ajv);
  return ajv;
}

const metaSchemas = new Map<Dialect, Ajv>();

/** What is wrong with a schema by the schema of its dialect; null: nothing. */
export function complaintAbout(dialect: Dialect, json: object | boolean): string | null {
  const ajv = metaSchemas.get(dialect) ?? createAjv(dialect, options);
  metaSchemas.set(dialect, ajv);
  if (ajv.validateSchema(withShortLists(json)) === true) return null;
  return ajv.errorsText(ajv.errors, { dataVar: 'schema' });
}

const listMax = 500;

/** Entries of an enum must differ, for which ajv compares each with each: those beyond the first are taken as they are. */
function withShortLists(json: object | boolean): object | boolean {
  const shorten = (key: string, value: unknown): unknown =>
    key === 'enum' && Array.isArray(value) && value.length > listMax ? value.slice(0, listMax) : value;
  return JSON.parse(JSON.stringify(json, shorten)) as object | boolean;
}

/** `id` means nothing after draft 4, and generators of old write it still: ajv would refuse it. */
function createAjv(dialect: Dialect, all: Options): Ajv {
  const ajv = dialect === 'draft-07' ? new Ajv(all) : dialect === '2019-09' ? new Ajv2019(all) : new Ajv2020(all);
  return ajv.removeKeyword('id');
}

/**
 * A schema as its dialect says it: without the name of the dialect, and draft 4 in the words of draft 7. What stands in `definitions` is
 * found in `$defs` as well, as Confluent's registry has it.
 */
export function inDialect(json: unknown): Record<string, unknown> {
  if (!isObject(json)) return json as Record<string, unknown>; // a boolean, which ajv takes as well
  const { $schema: named, ...rest } = json;
  return withDefs(/draft-04\/schema/.test(String(named)) ? (fromDraft4(rest) as Record<string, unknown>) : rest);
}

function withDefs(json: Record<string, unknown>): Record<string, unknown> {
  const { definitions, $defs = {} } = json;
  if (!isObject(definitions) || !isObject($defs) || Object.keys(definitions).length === 0) return json;
  return { ...json, $defs: { ...definitions, ...$defs } };
}

/** Keywords whose values are instances, not schemas. */
const values: readonly string[] = ['enum', 'const', 'default', 'examples'];

/** Draft 4 says `id`, and whether a bound belongs to the range by a boolean beside it. */
function fromDraft4(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(fromDraft4);
  if (!isObject(json)) return json;
  const inside = (key: string, value: unknown): unknown => (values.includes(key) ? value : fromDraft4(value));
  const changed: Record<string, unknown> = Object.fromEntries(
    Object.entries(json).map(([key, value]) => [key, inside(key, value)]),
  );
  for (const [bound, exclusive] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    if (typeof changed[exclusive] !== 'boolean') continue;
    const value = changed[bound];
    if (changed[exclusive] === true && typeof value === 'number') delete changed[bound];
    if (changed[exclusive] === true && typeof value === 'number') changed[exclusive] = value;
    else delete changed[exclusive];
  }
  if (typeof changed['id'] === 'string') {
    changed['$id'] = changed['id'];
    delete changed['id'];
  }
  return changed;
}

export function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
