import type { Pair } from '../pair.ts';
import type { Explanation } from '../verdicts.ts';
import type { ProtoField, ProtoFile, ProtoMessage } from './model.ts';

interface ProtobufExplanation extends Explanation {
  /** Whether it explains what only ours says, or only theirs, of a pair. */
  readonly explains: (facts: Facts) => boolean;
}

interface Facts {
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  /** Everything that ours says of the pair. */
  readonly all: readonly string[];
  /** Fields before and after, by message and number. */
  readonly fields: readonly Pair<ProtoField>[];
  readonly pair: Pair<ProtoFile>;
}

const numbers: readonly string[] = ['int32', 'int64', 'uint32', 'uint64', 'bool'];
const only = (theirs: readonly string[], rule: string): boolean => theirs.length > 0 && theirs.every((each) => each === rule);

export const protobufExplanations: readonly ProtobufExplanation[] = [
  {
    name: 'enum for its number',
    ours: 'compatible',
    theirs: 'FIELD_WIRE_COMPATIBLE_TYPE',
    why: 'An enum is written as its number, and protobuf.dev names it compatible with int32, uint32, int64 and uint64; buf compares enums with enums only.',
    explains: ({ theirs, fields }) =>
      only(theirs, 'FIELD_WIRE_COMPATIBLE_TYPE') &&
      fields.some(({ before, after }) => isEnumAndNumber(before.type, after.type) || isEnumAndNumber(after.type, before.type)),
  },
  {
    name: 'bytes for a string',
    ours: 'compatible',
    theirs: 'FIELD_WIRE_COMPATIBLE_TYPE',
    why: 'protobuf.dev and Confluent take both for the same as long as the bytes are UTF-8; buf allows string to bytes, not bytes to string.',
    explains: ({ theirs, fields }) =>
      only(theirs, 'FIELD_WIRE_COMPATIBLE_TYPE') &&
      fields.some(({ before, after }) => before.type === 'bytes' && after.type === 'string'),
  },
  {
    name: 'map of another name',
    ours: 'compatible',
    theirs: 'FIELD_WIRE_COMPATIBLE_TYPE',
    why: 'The entry message of a map is named after the field, so a renamed map has another type for buf; its bytes are the same.',
    explains: ({ theirs, fields }) =>
      only(theirs, 'FIELD_WIRE_COMPATIBLE_TYPE') &&
      fields.some(
        ({ before, after }) => before.type.startsWith('map<') && after.type.startsWith('map<') && before.name !== after.name,
      ),
  },
  {
    name: 'one text or message, or many',
    ours: 'compatible',
    theirs: 'FIELD_WIRE_COMPATIBLE_CARDINALITY',
    why: 'Of strings, bytes and messages a reader of one takes the last of many (protobuf.dev); only repeated numbers are packed, and those ours refuses as well.',
    explains: ({ theirs, fields }) =>
      only(theirs, 'FIELD_WIRE_COMPATIBLE_CARDINALITY') &&
      fields.some(({ before, after }) => isDelimited(after.type) && isRepeated(before) !== isRepeated(after)),
  },
  {
    name: 'many of another kind',
    ours: 'a changed type',
    theirs: 'FIELD_WIRE_COMPATIBLE_CARDINALITY',
    why: 'The type of the field changed as well, which ours says, and says no more of that field.',
    explains: ({ theirs, all, fields }) =>
      only(theirs, 'FIELD_WIRE_COMPATIBLE_CARDINALITY') &&
      all.some((type) => type.startsWith('FIELD_') && type.endsWith('_CHANGED')) &&
      fields.some(({ before, after }) => isRepeated(before) !== isRepeated(after) && before.type !== after.type),
  },
  {
    name: 'required, said once',
    ours: 'REQUIRED_FIELD_ADDED or REQUIRED_FIELD_REMOVED',
    theirs: 'FIELD_WIRE_COMPATIBLE_CARDINALITY beside MESSAGE_SAME_REQUIRED_FIELDS',
    why: 'A field that is required on one side only has another cardinality for buf as well; ours says it once.',
    explains: ({ theirs, all, fields }) =>
      only(theirs, 'FIELD_WIRE_COMPATIBLE_CARDINALITY') &&
      all.some((type) => type.startsWith('REQUIRED_FIELD_')) &&
      fields.some(({ before, after }) => isRequired(before) !== isRequired(after)),
  },
  {
    name: 'a field into or out of a oneof',
    ours: 'compatible',
    theirs: 'FIELD_SAME_ONEOF',
    why: 'Ours refuses a move by which one of two written fields would be lost, as Confluent does; buf refuses every move.',
    explains: ({ theirs }) => only(theirs, 'FIELD_SAME_ONEOF'),
  },
  {
    name: 'a field that a oneof lost',
    ours: 'ONEOF_FIELD_REMOVED',
    theirs: 'no rule, or FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED',
    why: 'A reader that lacks a member takes the oneof for empty, which Confluent refuses; to buf it is a field that was deleted.',
    explains: ({ ours }) => ours.length > 0 && ours.every((type) => type === 'ONEOF_FIELD_REMOVED'),
  },
  {
    name: 'a message that is gone',
    ours: 'MESSAGE_REMOVED',
    theirs: 'compatible',
    why: 'Payloads name their message by its place in the file, so Confluent refuses a file without it; buf judges fields on the wire only.',
    explains: ({ ours }) => ours.length > 0 && ours.every((type) => type === 'MESSAGE_REMOVED'),
  },
  {
    name: 'a required field of a message that is gone or new',
    ours: 'another reason, or compatible',
    theirs: 'MESSAGE_SAME_REQUIRED_FIELDS',
    why: 'The messages are not compared: one of them is missing, or the field holds another message now.',
    explains: ({ theirs, pair }) => only(theirs, 'MESSAGE_SAME_REQUIRED_FIELDS') && !sameMessages(pair),
  },
  {
    name: 'a number that may be given again',
    ours: 'compatible',
    theirs: 'FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED',
    why: 'Fields may go, readers skip what they do not know; buf asks for a reservation, for the sake of versions to come.',
    explains: ({ theirs }) => only(theirs, 'FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED'),
  },
  {
    name: 'an enum value that is gone',
    ours: 'compatible',
    theirs: 'ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED',
    why: 'An unknown number of an enum is kept or skipped, and Confluent does not compare values; buf asks for a reservation.',
    explains: ({ theirs }) => only(theirs, 'ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED'),
  },
  {
    name: 'a reservation that is gone',
    ours: 'compatible',
    theirs: 'RESERVED_MESSAGE_NO_DELETE',
    why: 'A reservation binds authors and changes no bytes.',
    explains: ({ theirs }) => only(theirs, 'RESERVED_MESSAGE_NO_DELETE'),
  },
];

/** The name of what explains a difference, or null. */
export function explain(
  ours: readonly string[],
  theirs: readonly string[],
  { pair, all }: { readonly pair: Pair<ProtoFile>; readonly all: readonly string[] },
): string | null {
  const facts = { ours, theirs, all, pair, fields: fieldsOf(pair) };
  return protobufExplanations.find(({ explains }) => explains(facts))?.name ?? null;
}

function fieldsOf({ before, after }: Pair<ProtoFile>): Pair<ProtoField>[] {
  const after_ = new Map(allMessages(after).map((message) => [message.path, message.fields]));
  return allMessages(before).flatMap(({ path, fields }) =>
    fields.flatMap((field) => {
      const found = after_.get(path)?.find(({ number }) => number === field.number);
      return found === undefined ? [] : [{ before: field, after: found }];
    }),
  );
}

function allMessages({ messages }: ProtoFile): { path: string; fields: readonly ProtoField[] }[] {
  const walk = (list: readonly ProtoMessage[], above: string): { path: string; fields: readonly ProtoField[] }[] =>
    list.flatMap(({ name, fields, nested }) => [{ path: above + name, fields }, ...walk(nested, `${above}${name}.`)]);
  return walk(messages, '');
}

function sameMessages({ before, after }: Pair<ProtoFile>): boolean {
  const names = (file: ProtoFile): string =>
    JSON.stringify(
      allMessages(file)
        .map(({ path }) => path)
        .sort(),
    );
  return names(before) === names(after);
}

function isEnumAndNumber(left: string, right: string): boolean {
  return left === 'E' && numbers.includes(right);
}

function isRepeated({ label, type, oneof }: ProtoField): boolean {
  return (label === 'repeated' && oneof === null) || type.startsWith('map<');
}

function isDelimited(type: string): boolean {
  return type === 'string' || type === 'bytes' || (/^[A-Z]$/.test(type) && type !== 'E');
}

function isRequired({ label, oneof, type }: ProtoField): boolean {
  return label === 'required' && oneof === null && !type.startsWith('map<');
}
