import type { Field, FieldType } from '@penstock/kernel';
import { camelCase } from './parse-message.ts';

export interface NumberedField {
  readonly field: Field;
  /** For ever the field's own: what readers of older records go by. */
  readonly number: number;
}

export interface MessagePlan {
  /** With its package: `rooms.v1.Features`. */
  readonly name: string;
  readonly fields: readonly NumberedField[];
  /** Numbers of fields that are gone, never to be used again. */
  readonly reserved?: readonly number[];
  /** Names of fields that are gone, in Protobuf's spelling; one that is used again is not reserved. */
  readonly reservedNames?: readonly string[];
}

const timestampFile = 'google/protobuf/timestamp.proto';
const types: Readonly<Record<FieldType, string>> = {
  number: 'double',
  integer: 'int64',
  time: 'google.protobuf.Timestamp',
  boolean: 'bool',
  string: 'string',
  bytes: 'bytes',
};

/** A .proto text whose message has the fields as columns: parsed again, its shape is theirs, except for units. */
export function printMessage({ name, fields, reserved = [], reservedNames = [] }: MessagePlan): string {
  const dot = name.lastIndexOf('.');
  const head = ['syntax = "proto3";', ...(dot < 0 ? [] : [`package ${name.slice(0, dot)};`])];
  if (fields.some(({ field }) => field.type === 'time')) head.push(`import "${timestampFile}";`);
  const numbered = [...fields].sort((left, right) => left.number - right.number);
  const used = new Set(fields.map(({ field }) => spellingOf(field.name).name));
  const gone = reservedNames.filter((word) => !used.has(word));
  const body = [
    ...reserved.map((number) => `reserved ${number};`),
    ...gone.map((word) => `reserved "${word}";`),
    ...numbered.map(printField),
  ];
  return `${head.join('\n')}\n\nmessage ${name.slice(dot + 1)} {\n${body.map((line) => `  ${line}\n`).join('')}}\n`;
}

function printField({ field: { name, type, nullable }, number }: NumberedField): string {
  const spelling = spellingOf(name);
  const label = nullable && type !== 'time' ? 'optional ' : '';
  return `${label}${types[type]} ${spelling.name} = ${number}${spelling.option};`;
}

function spellingOf(name: string): { readonly name: string; readonly option: string } {
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return camelCase(snake) === name ? { name: snake, option: '' } : { name, option: ` [json_name = "${name}"]` };
}
