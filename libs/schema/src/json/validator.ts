import { messageOf, Problem } from '@penstock/kernel';
import type { Ajv, ErrorObject, Options } from 'ajv';
import { invalidSchema } from '../problems.ts';
import { checkConditions } from './conditions.ts';
import { complaintAbout, type Dialect, dialectOf, inDialect, openAjv } from './dialect.ts';
import { importName } from './import-name.ts';
import { carefulPatterns } from './patterns.ts';
import { isPlain } from './plain.ts';

/** The first thing that is wrong with a value, or null. */
export type Validator = (value: unknown) => { readonly field: string; readonly message: string } | null;

/** The name under which a schema's own text is known beside those that it refers to. */
export const ownName = 'schema';

/**
 * As `compileValidator`, and refuses the same. Compiling is most of the work, and a registry that only compares schemas validates
 * nothing: where the schema of its dialect says all about whether it compiles, that is put off until the first value.
 */
export function createValidator(json: unknown, imports: ReadonlyMap<string, string>): Validator {
  checkConditions(json);
  if (imports.size > 0 || !isPlain(json)) return compileValidator(json, imports);
  checkForm(dialectOf(json), inDialect(json));
  let compiled: Validator | null = null;
  return (value) => {
    compiled ??= compileValidator(json, imports);
    return compiled(value);
  };
}

/** Compiles a JSON Schema of draft 4, 6 or 7 (also when it names no draft), 2019-09 or 2020-12. */
export function compileValidator(json: unknown, imports: ReadonlyMap<string, string>): Validator {
  const many = hasMany(json);
  // To stop at the first error ajv nests its code a level for each property, until it is too deep to compile.
  const ajv = openSchemas(json, imports, {
    code: { regExp: carefulPatterns, ...(many ? { optimize: false } : {}) },
    ...(many ? { allErrors: true } : {}),
  });
  try {
    const validate = ajv.getSchema(ownName);
    if (validate === undefined) throw new TypeError('the schema itself is missing');
    return (value) => {
      try {
        return validate(value) ? null : complaintOf(validate.errors?.[0]);
      } catch (thrown) {
        return { field: '', message: `cannot be judged: ${messageOf(thrown)}` }; // what ajv compiled may trip
      }
    };
  } catch (cause) {
    throw uncompiled(cause);
  }
}

/** Where ajv goes too deep it says so in the words of the machine. */
function uncompiled(cause: unknown): Problem {
  const message = cause instanceof RangeError ? 'it refers on and on, or has too much in one place' : messageOf(cause);
  return invalidSchema(`JSON Schema: ${message}`, { cause });
}

const propertiesMax = 500;

/** True when some schema within has many properties, or anything else of many. */
function hasMany(json: unknown): boolean {
  if (typeof json !== 'object' || json === null) return false;
  const values = Object.values(json);
  return (values.length > propertiesMax && !Array.isArray(json)) || values.some(hasMany);
}

/** A schema and what it refers to, not compiled yet. Throws `schema.invalid-schema` or `schema.not-supported`. */
export function openSchemas(json: unknown, imports: ReadonlyMap<string, string>, options: Options = {}): Ajv {
  if (typeof json !== 'boolean' && (typeof json !== 'object' || json === null || Array.isArray(json))) {
    throw invalidSchema(`JSON Schema: expected an object or a boolean, got ${JSON.stringify(json)}`);
  }
  const dialect = dialectOf(json);
  const ajv = openAjv(dialect, options);
  const own = inDialect(json);
  const add = (schema: Record<string, unknown>, ...names: readonly string[]): void => {
    checkForm(dialect, schema);
    for (const name of new Set(names)) ajv.addSchema(schema, name);
  };
  try {
    for (const [name, text] of imports) add(inDialect(JSON.parse(text)), importName(name, own), name);
    add(own, ownName);
    return ajv;
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw uncompiled(cause);
  }
}

function checkForm(dialect: Dialect, schema: object | boolean): void {
  const complaint = complaintAbout(dialect, schema);
  if (complaint !== null) throw invalidSchema(`JSON Schema: schema is invalid: ${complaint}`);
}

function complaintOf(error: ErrorObject | undefined): { field: string; message: string } {
  const path = (error?.instancePath ?? '').slice(1).replaceAll('/', '.');
  const missing: unknown = error?.params['missingProperty'];
  const field = typeof missing === 'string' ? [path, missing].filter(Boolean).join('.') : path;
  return { field, message: error?.message ?? 'is not valid' };
}
