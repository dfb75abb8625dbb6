import type { SchemaFormat } from '@penstock/schema';

const always = Array.from({ length: 16 }, (_, field) => `reading${field + 1}`);

/**
 * A record in its version-th form: each adds a field that readers need not find, so that the fifth has 20. A salt adds one more, under
 * its own name, so that no two are the same schema.
 */
export function schemaText(format: SchemaFormat, version: number, salt: number | null = null): string {
  const added = Array.from({ length: version - 1 }, (_, field) => `added${field + 1}`);
  return writers[format]([...always, ...added, ...(salt === null ? [] : [`salt${salt}`])]);
}

const writers: Readonly<Record<SchemaFormat, (fields: readonly string[]) => string>> = {
  AVRO: (fields) => {
    const typed = fields.map((name) => ({ name, type: 'double', default: 0 }));
    return JSON.stringify({ type: 'record', name: 'Readings', namespace: 'bench', fields: typed });
  },
  JSON: (fields) =>
    JSON.stringify({
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'Readings',
      type: 'object',
      properties: Object.fromEntries(fields.map((name) => [name, { type: 'number' }])),
      additionalProperties: false,
    }),
  PROTOBUF: (fields) => {
    const lines = fields.map((name, index) => `  double ${name} = ${name.startsWith('salt') ? 100 : index + 1};`);
    return ['syntax = "proto3";', 'package bench;', '', 'message Readings {', ...lines, '}', ''].join('\n');
  },
};

/** The body of a request that carries it. */
export function bodyOf(format: SchemaFormat, version: number, salt: number | null = null): string {
  const schema = schemaText(format, version, salt);
  return JSON.stringify(format === 'AVRO' ? { schema } : { schema, schemaType: format });
}
