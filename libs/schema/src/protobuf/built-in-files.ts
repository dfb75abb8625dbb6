import { readFileSync } from 'node:fs';
import type { DescFile } from '@bufbuild/protobuf';
import { describeFile } from './describe-file.ts';
import { linkFile } from './link.ts';
import { parseProtoFile } from './parse-file.ts';
import { wellKnownFiles } from './well-known-files.ts';

const googleTypes = [
  ...['calendar_period', 'color', 'date', 'datetime', 'dayofweek', 'decimal', 'expr', 'fraction', 'interval', 'latlng'],
  ...['localized_text', 'money', 'month', 'phone_number', 'postal_address', 'quaternion', 'timeofday'],
];

/** Where each lies below `built-in/`, by the name under which it is imported. The clients of decimals do not agree on its name. */
const places: ReadonlyMap<string, string> = new Map([
  ...googleTypes.map((name) => [`google/type/${name}.proto`, `google/type/${name}.proto`] as const),
  ['confluent/meta.proto', 'confluent/meta.proto'],
  ['confluent/type/decimal.proto', 'confluent/type/decimal.proto'],
  ['confluent/types/decimal.proto', 'confluent/type/decimal.proto'],
]);

const opened = new Map<string, DescFile>();

/** The names that may be imported without a reference. */
export const builtInNames: readonly string[] = [...wellKnownFiles.keys(), ...places.keys()];

/**
 * The files that need no reference: those of every compiler, `google.type`, and what Confluent's clients bring along. Only what is
 * imported is ever read.
 */
export function findBuiltInFile(name: string): DescFile | undefined {
  return wellKnownFiles.get(name) ?? opened.get(name) ?? openBuiltIn(name);
}

function openBuiltIn(name: string): DescFile | undefined {
  const place = places.get(name);
  if (place === undefined) return undefined;
  const proto = parseProtoFile(readFileSync(new URL(`built-in/${place}`, import.meta.url), 'utf8'), name);
  linkFile(proto, findBuiltInFile);
  const file = describeFile(proto, findBuiltInFile);
  opened.set(name, file);
  return file;
}
