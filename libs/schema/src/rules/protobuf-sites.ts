import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { isReflectMessage, type ReflectMessage } from '@bufbuild/protobuf/reflect';
import { unusableSchema } from '../problems.ts';
import { parseAggregate } from '../protobuf/aggregate.ts';
import { isTimestamp } from '../protobuf/shape.ts';
import type { FieldSite, FindSites } from './field-rule.ts';
import type { TagsAt } from './field-tags.ts';

/** A field as it is declared, with its tags. Read when it is needed: messages may hold themselves. */
interface Declared {
  readonly field: DescField;
  readonly fullName: string;
  readonly typeName: string;
  readonly tags: readonly string[];
}

/** The scalars and enums of a reflected message: in fields that are set, in lists, in maps, and in the messages within. A time is both. */
export function protobufSites(message: DescMessage, tagsAt: TagsAt): FindSites {
  const known = new Map<DescMessage, readonly Declared[]>();
  const declaredIn = (desc: DescMessage): readonly Declared[] => {
    const found = known.get(desc) ?? desc.fields.map((field) => declare(desc, field, tagsAt));
    known.set(desc, found);
    return found;
  };
  return (record) => {
    if (!isReflectMessage(record, message)) throw new TypeError(`expected a message ${message.typeName}`);
    const found: FieldSite[] = [];
    visit(record, declaredIn, found);
    return found;
  };
}

function declare({ typeName: outer }: DescMessage, field: DescField, tagsAt: TagsAt): Declared {
  const fullName = `${outer}.${field.name}`;
  return { field, fullName, typeName: typeNameOf(field), tags: [...metaTags(field), ...tagsAt(fullName)] };
}

function visit(message: ReflectMessage, declaredIn: (desc: DescMessage) => readonly Declared[], found: FieldSite[]): void {
  for (const { field, fullName, typeName, tags } of declaredIn(message.desc)) {
    if (!message.isSet(field)) continue;
    const facts = { name: field.name, fullName, typeName, tags, message };
    for (const { value, set } of valuesOf(message, field)) {
      if (isReflectMessage(value)) visit(value, declaredIn, found);
      if (isReflectMessage(value) && !isTimestamp(field)) continue;
      found.push({ value, facts, set: (after) => set(fitting(after, typeName)) });
    }
  }
}

interface Held {
  readonly value: unknown;
  set(value: unknown): void;
}

function valuesOf(message: ReflectMessage, field: DescField): Held[] {
  if (field.fieldKind === 'list') {
    const list = message.get(field);
    return [...list].map((value, index) => ({ value, set: (after) => void list.set(index, after) }));
  }
  if (field.fieldKind === 'map') {
    const map = message.get(field);
    return [...map].map(([key, value]) => ({ value, set: (after) => void map.set(key, after) }));
  }
  return [{ value: message.get(field), set: (after) => void message.set(field, after as never) }];
}

/** Long integers of Protobuf are no numbers. */
function fitting(value: unknown, typeName: string): unknown {
  return typeName === 'LONG' && typeof value === 'number' ? BigInt(value) : value;
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

/** That of the values, where the field is a list or a map of them. */
function typeNameOf({ scalar, message }: DescField): string {
  if (message !== undefined) return 'RECORD';
  if (scalar === undefined) return 'ENUM';
  return others.get(scalar) ?? (longs.includes(scalar) ? 'LONG' : 'INT');
}

/** `[(confluent.field_meta).tags = "PII"]`, or with all of it in braces: as it was written. */
export function metaTags({ proto }: DescField): string[] {
  return (proto.options?.uninterpretedOption ?? []).flatMap(({ name, aggregateValue, stringValue }) => {
    const [first, second] = name.map(({ namePart }) => namePart.replace(/^\./, ''));
    if (first !== 'confluent.field_meta') return [];
    if (second === 'tags') return [new TextDecoder().decode(stringValue)];
    return tagsIn(aggregateValue);
  });
}

/** Those of `{ doc: "…", tags: ["PII", "HR"] }`. */
function tagsIn(aggregate: string): string[] {
  const fields = parseAggregate(aggregate);
  if (fields === null) throw unusableSchema('confluent.field_meta cannot be read, so that the tags of a field are not known');
  const texts = fields.flatMap(({ name, value }) => (name === 'tags' && typeof value === 'string' ? [value] : []));
  return texts.flatMap((text) => (text.startsWith('"') ? [JSON.parse(text) as string] : [])); // as they are printed
}
