import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { messageOf } from '@penstock/kernel';
import { type SchemaDraft, type SchemaFormat, type SchemaReference, schemaFormats } from '@penstock/schema';
import type { Options } from '../command-line/command.ts';
import { notFound, wrongUsage } from '../command-line/problems.ts';

/** Options of commands that take a schema from a file. */
export const draftOptions = {
  format: {
    type: 'string',
    short: 'f',
    value: 'avro|protobuf|json',
    says: "the file's format; by default by its name: .avsc, .proto, .json",
  },
  reference: {
    type: 'string',
    short: 'r',
    multiple: true,
    value: 'name=subject:version',
    says: 'a schema that this one names; may be given again',
  },
} as const satisfies Options;

export interface DraftValues {
  readonly format: string | undefined;
  readonly reference: readonly string[];
}

const byExtension: Readonly<Record<string, SchemaFormat>> = {
  '.avsc': 'AVRO',
  '.avro': 'AVRO',
  '.proto': 'PROTOBUF',
  '.json': 'JSON',
};

/** The schema in a file. Throws `cli.not-found` and `cli.wrong-usage`. */
export function readDraft(file: string, { format, reference }: DraftValues): SchemaDraft {
  return { format: formatOf(file, format), text: textOf(file), references: reference.map(parseReference) };
}

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (cause) {
    throw notFound(`${file} cannot be read: ${messageOf(cause)}`, { cause, facts: { file } });
  }
}

function formatOf(file: string, given: string | undefined): SchemaFormat {
  const found = given === undefined ? byExtension[extname(file)] : schemaFormats.find((name) => name === given.toUpperCase());
  if (found !== undefined) return found;
  if (given !== undefined) throw wrongUsage(`--format: expected avro, protobuf or json, got ${JSON.stringify(given)}`);
  throw wrongUsage(`the name of ${file} does not say its format: --format avro, protobuf or json does`);
}

/** `name=subject:version`; a subject may have colons itself. */
export function parseReference(text: string): SchemaReference {
  const [, name, subject, version] = /^([^=]+)=(.+):(\d+)$/.exec(text) ?? [];
  if (name !== undefined && subject !== undefined && Number(version) > 0) return { name, subject, version: Number(version) };
  throw wrongUsage(`--reference: expected name=subject:version, such as rooms.Place=places-value:2, got ${JSON.stringify(text)}`);
}
