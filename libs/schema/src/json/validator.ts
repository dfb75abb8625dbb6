import { messageOf } from '@penstock/kernel';
import { Ajv, type ErrorObject, type Options } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { invalidSchema, notSupported } from '../problems.ts';

/** The first thing that is wrong with a value, or null. */
export type Validator = (value: unknown) => { readonly field: string; readonly message: string } | null;

const options: Options = { strict: false, allErrors: false, validateFormats: true, logger: false };
const dialects: readonly { readonly pattern: RegExp; readonly open: () => Ajv }[] = [
  { pattern: /draft-0[67]\/schema/, open: () => new Ajv(options) },
  { pattern: /draft\/2019-09\/schema/, open: () => new Ajv2019(options) },
  { pattern: /draft\/2020-12\/schema/, open: () => new Ajv2020(options) },
];

/** Compiles a JSON Schema of draft 6 or 7 (also when it names no draft), 2019-09 or 2020-12. */
export function compileValidator(json: unknown, imports: ReadonlyMap<string, string>): Validator {
  if (typeof json !== 'boolean' && (typeof json !== 'object' || json === null || Array.isArray(json))) {
    throw invalidSchema(`JSON Schema: expected an object or a boolean, got ${JSON.stringify(json)}`);
  }
  const ajv = openDialect(json);
  try {
    addFormats.default(ajv);
    for (const [name, text] of imports) ajv.addSchema(withoutDialect(JSON.parse(text)), name);
    const validate = ajv.compile(typeof json === 'boolean' ? json : withoutDialect(json));
    return (value) => (validate(value) ? null : complaintOf(validate.errors?.[0]));
  } catch (cause) {
    throw invalidSchema(`JSON Schema: ${messageOf(cause)}`, { cause });
  }
}

function openDialect(json: object | boolean): Ajv {
  const dialect = typeof json === 'object' && '$schema' in json ? String(json.$schema) : 'draft-07/schema';
  const found = dialects.find(({ pattern }) => pattern.test(dialect));
  if (found === undefined) {
    throw notSupported(`JSON Schema: $schema ${dialect} is not supported; use draft-07, 2019-09 or 2020-12`, {
      facts: { dialect },
    });
  }
  return found.open();
}

/** The dialect is chosen already, and draft 6 is read as draft 7, which contains it. */
function withoutDialect(json: object): object {
  const { $schema: _, ...rest } = json as { $schema?: unknown };
  return rest;
}

function complaintOf(error: ErrorObject | undefined): { field: string; message: string } {
  const path = (error?.instancePath ?? '').slice(1).replaceAll('/', '.');
  const missing: unknown = error?.params['missingProperty'];
  const field = typeof missing === 'string' ? [path, missing].filter(Boolean).join('.') : path;
  return { field, message: error?.message ?? 'is not valid' };
}
