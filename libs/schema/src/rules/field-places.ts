import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { isObject } from '../json/dialect.ts';
import type { Schema } from '../schema.ts';

/** A field of the schema as rules on fields know it. */
export interface FieldPlace {
  readonly name: string;
  /** `rooms.Reading.owner` in Avro and Protobuf, `$.owner` in JSON. */
  readonly fullName: string;
  /** `STRING`, `LONG` …; null where the field is no scalar. */
  readonly typeName: string | null;
  readonly tags: readonly string[];
  /** What lies within, whether there is one or a list or a map of it. Read when it is needed: types may hold themselves. */
  readonly inside: () => FieldPlaces;
}

/** By the name of the field. */
export type FieldPlaces = ReadonlyMap<string, FieldPlace>;

type Json = Readonly<Record<string, unknown>>;

const none: FieldPlaces = new Map();

/** The fields at the top of a schema's records, with the tags of their schema and those that its metadata gives to paths. */
export function fieldPlacesOf(schema: Schema): FieldPlaces {
  const given = Object.entries(Object(schema.contract?.metadata?.['tags']) as Readonly<Record<string, readonly string[]>>);
  const byPath = given.map(([path, tags]) => ({ pattern: patternOf(path), tags }));
  const tagsAt = (fullName: string): string[] => byPath.flatMap(({ pattern, tags }) => (pattern.test(fullName) ? tags : []));
  if (schema.format === 'PROTOBUF') return messagePlaces(schema.message, tagsAt);
  if (schema.format === 'JSON') return jsonPlaces(schema.json, '$', tagsAt);
  const named = new Map<string, Json>();
  for (const imported of schema.imports?.values() ?? []) nameTypes(JSON.parse(imported), '', named);
  const json: unknown = JSON.parse(schema.text);
  nameTypes(json, '', named);
  return avroPlaces(json, { named, tagsAt, namespace: '' });
}

/** `*` is all but a dot, `**` is anything. */
function patternOf(path: string): RegExp {
  const parts = path.replaceAll('**.*', '**').split(/(\*\*|\*|\?)/);
  const words: Readonly<Record<string, string>> = { '**': '.*', '*': '[^.]*', '?': '[^.]' };
  return new RegExp(`^${parts.map((part) => words[part] ?? part.replace(/[.+^${}()|[\]\\]/g, '\\$&')).join('')}$`);
}

type TagsAt = (fullName: string) => readonly string[];

function tagsIn(json: Json): readonly string[] {
  return Array.isArray(json['confluent:tags']) ? json['confluent:tags'].map(String) : [];
}

interface AvroNames {
  readonly named: Map<string, Json>;
  readonly tagsAt: TagsAt;
  readonly namespace: string;
}

function nameOf({ name, namespace }: Json, outer: string): { full: string; namespace: string } {
  const short = String(name);
  if (short.includes('.')) return { full: short, namespace: short.slice(0, short.lastIndexOf('.')) };
  const within = typeof namespace === 'string' ? namespace : outer;
  return { full: within === '' ? short : `${within}.${short}`, namespace: within };
}

function nameTypes(json: unknown, outer: string, named: Map<string, Json>): void {
  if (Array.isArray(json)) for (const branch of json) nameTypes(branch, outer, named);
  if (!isObject(json)) return;
  const own = typeof json['name'] === 'string' && json['type'] !== undefined && !isObject(json['type']);
  const { full, namespace } = own ? nameOf(json, outer) : { full: '', namespace: outer };
  if (own && ['record', 'error'].includes(String(json['type']))) named.set(full, json);
  for (const inner of [json['type'], json['items'], json['values']]) nameTypes(inner, namespace, named);
  for (const field of Array.isArray(json['fields']) ? json['fields'] : []) nameTypes(Object(field)['type'], namespace, named);
}

function avroPlaces(type: unknown, names: AvroNames): FieldPlaces {
  if (Array.isArray(type)) return new Map(type.flatMap((branch) => [...avroPlaces(branch, names)]));
  if (typeof type === 'string') {
    const record = names.named.get(type) ?? names.named.get(`${names.namespace}.${type}`);
    return record === undefined ? none : avroPlaces(record, names);
  }
  if (!isObject(type)) return none;
  if (!Array.isArray(type['fields'])) return avroPlaces(type['items'] ?? type['values'] ?? type['type'], names);
  const { full, namespace } = nameOf(type, names.namespace);
  const within = { ...names, namespace };
  return new Map(
    (type['fields'] as Json[]).map((field) => {
      const name = String(field['name']);
      const fullName = `${full}.${name}`;
      const tags = [...tagsIn(field), ...names.tagsAt(fullName)];
      return [
        name,
        { name, fullName, tags, typeName: avroScalar(field['type']), inside: () => avroPlaces(field['type'], within) },
      ];
    }),
  );
}

const avroScalars: readonly string[] = ['string', 'bytes', 'int', 'long', 'float', 'double', 'boolean'];

function avroScalar(type: unknown): string | null {
  if (Array.isArray(type)) return type.map(avroScalar).find((name) => name !== null) ?? null;
  if (isObject(type))
    return avroScalar(type['type'] === 'array' ? type['items'] : type['type'] === 'map' ? type['values'] : type['type']);
  return avroScalars.includes(String(type)) ? String(type).toUpperCase() : null;
}

const jsonScalars: Readonly<Record<string, string>> = { string: 'STRING', integer: 'INT', number: 'DOUBLE', boolean: 'BOOLEAN' };

function jsonPlaces(json: unknown, at: string, tagsAt: TagsAt): FieldPlaces {
  if (!isObject(json)) return none;
  if (isObject(json['items'])) return jsonPlaces(json['items'], at, tagsAt);
  const properties = isObject(json['properties']) ? Object.entries(json['properties']) : [];
  return new Map(
    properties.map(([name, property]) => {
      const fullName = `${at}.${name}`;
      const own = isObject(property) ? property : {};
      const item = isObject(own['items']) ? own['items'] : own;
      const types = [item['type']].flat().map((type) => jsonScalars[String(type)] ?? null);
      const tags = [...tagsIn(own), ...tagsAt(fullName)];
      const typeName = types.find((type) => type !== null) ?? null;
      return [name, { name, fullName, tags, typeName, inside: () => jsonPlaces(own, fullName, tagsAt) }];
    }),
  );
}

function messagePlaces(message: DescMessage, tagsAt: TagsAt): FieldPlaces {
  return new Map(
    message.fields.map((field) => {
      const fullName = `${message.typeName}.${field.name}`;
      const inside = (): FieldPlaces => (field.message === undefined ? none : messagePlaces(field.message, tagsAt));
      const tags = [...metaTags(field), ...tagsAt(fullName)];
      return [field.name, { name: field.name, fullName, tags, typeName: protobufScalar(field), inside }];
    }),
  );
}

const longs: readonly ScalarType[] = [
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.SINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
];
const others: ReadonlyMap<ScalarType, string> = new Map([
  [ScalarType.STRING, 'STRING'],
  [ScalarType.BYTES, 'BYTES'],
  [ScalarType.BOOL, 'BOOLEAN'],
  [ScalarType.DOUBLE, 'DOUBLE'],
  [ScalarType.FLOAT, 'FLOAT'],
]);

function protobufScalar({ scalar }: DescField): string | null {
  if (scalar === undefined) return null;
  return others.get(scalar) ?? (longs.includes(scalar) ? 'LONG' : 'INT');
}

/** `[(confluent.field_meta).tags = "PII"]`, or with all of it in braces: as it was written. */
function metaTags({ proto }: DescField): string[] {
  return (proto.options?.uninterpretedOption ?? []).flatMap(({ name, aggregateValue, stringValue }) => {
    const [first, second] = name.map(({ namePart }) => namePart.replace(/^\./, ''));
    if (first !== 'confluent.field_meta') return [];
    if (second === 'tags') return [new TextDecoder().decode(stringValue)];
    const lists = [...aggregateValue.matchAll(/\btags\s*:\s*(\[[^\]]*\]|"(?:[^"\\]|\\.)*")/g)].map(([, list = '']) => list);
    return lists.flatMap((list) => [...list.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, tag = '']) => tag));
  });
}
