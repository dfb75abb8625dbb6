import type { Dice } from '../dice.ts';
import type { Pair } from '../pair.ts';
import type { ProtoField, ProtoFile, ProtoMessage } from './model.ts';

const scalars = [
  ...['int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64', 'bool', 'string', 'bytes'],
  ...['fixed32', 'fixed64', 'sfixed32', 'sfixed64', 'float', 'double'],
];

/** A file, and the same with one to three changes. */
export function generateProtoPair(dice: Dice, name: string): Pair<ProtoFile> {
  const syntax = dice.once(3) ? 'proto2' : 'proto3';
  const draft: ProtoFile = {
    package: name,
    syntax,
    enums: [{ name: 'E', values: ['E_A', 'E_B', 'E_C'].slice(0, 1 + dice.roll(3)) }],
    messages: ['R', 'S', 'T']
      .slice(0, 1 + dice.roll(3))
      .map((message) => ({ name: message, fields: [], nested: [], reserved: [] })),
  };
  const before = { ...draft, messages: draft.messages.map((message) => fill(message, draft, dice)) };
  let after: ProtoFile = before;
  for (let count = 1 + dice.roll(3); count > 0; count -= 1) after = change(after, dice);
  return dice.once(4) ? { before: after, after: before } : { before, after };
}

function fill(message: ProtoMessage, file: ProtoFile, dice: Dice): ProtoMessage {
  const fields = Array.from({ length: 1 + dice.roll(5) }, (_, index) => makeField(index + 1, file, dice));
  const inner = { name: 'N', fields: [makeField(1, file, dice)], nested: [], reserved: [] };
  return { ...message, fields, nested: dice.once(4) ? [inner] : [] };
}

function makeField(number: number, file: ProtoFile, dice: Dice): ProtoField {
  const type = makeType(file, dice);
  const oneof = dice.once(5) && !type.startsWith('map<') ? dice.pick(['o', 'p']) : null;
  return { name: `f${number}`, number, type, label: makeLabel(file, dice), oneof };
}

function makeType({ messages, enums }: ProtoFile, dice: Dice): string {
  if (dice.once(5)) return dice.pick(messages).name;
  if (dice.once(8)) return dice.pick(enums).name;
  if (dice.once(8)) return `map<${dice.pick(['string', 'int32', 'sint64', 'bool'])}, ${dice.pick(scalars)}>`;
  return dice.pick(scalars);
}

function makeLabel({ syntax }: ProtoFile, dice: Dice): ProtoField['label'] {
  if (syntax === 'proto3') return dice.pick(['', '', 'optional', 'repeated']);
  return dice.pick(['optional', 'optional', 'repeated', 'required']);
}

function change(file: ProtoFile, dice: Dice): ProtoFile {
  if (dice.once(10)) return { ...file, enums: [{ name: 'E', values: ['E_A', 'E_B', 'E_C', 'E_D'].slice(0, 1 + dice.roll(4)) }] };
  if (dice.once(14)) return { ...file, messages: [...file.messages].reverse() };
  if (dice.once(14) && file.messages.every(({ name }) => name !== 'U')) {
    return { ...file, messages: [...file.messages, { name: 'U', fields: [], nested: [], reserved: [] }] };
  }
  const last = file.messages.at(-1);
  if (dice.once(14) && last !== undefined && file.messages.length > 1) return drop(file, last.name);
  const index = dice.roll(file.messages.length);
  const message = file.messages[index];
  return message === undefined ? file : { ...file, messages: file.messages.with(index, changeMessage(message, file, dice)) };
}

/** Without a message; its fields become bytes. */
function drop(file: ProtoFile, name: string): ProtoFile {
  const strip = (message: ProtoMessage): ProtoMessage => ({
    ...message,
    nested: message.nested.map(strip),
    fields: message.fields.map((field) => (field.type === name ? { ...field, type: 'bytes' } : field)),
  });
  return { ...file, messages: file.messages.filter((message) => message.name !== name).map(strip) };
}

function changeMessage(message: ProtoMessage, file: ProtoFile, dice: Dice): ProtoMessage {
  const { fields, reserved, nested } = message;
  const [inner] = nested;
  if (dice.once(10))
    return { ...message, nested: inner === undefined ? [] : dice.once(2) ? [] : [changeMessage(inner, file, dice)] };
  const index = dice.roll(fields.length);
  const field = fields[index];
  if (field === undefined || dice.once(6)) {
    const number = 1 + Math.max(0, ...reserved, ...fields.map((each) => each.number));
    return { ...message, fields: [...fields, makeField(number, file, dice)] };
  }
  if (dice.once(7)) {
    const isReserved = dice.once(2) ? [...reserved, field.number] : reserved;
    return { ...message, fields: fields.toSpliced(index, 1), reserved: isReserved };
  }
  if (dice.once(8)) return { ...message, fields: fields.toReversed() };
  return { ...message, fields: fields.with(index, changeField(field, file, dice)) };
}

const near: readonly (readonly string[])[] = [
  ['int32', 'uint32', 'int64', 'uint64', 'bool', 'E'],
  ['sint32', 'sint64'],
  ['string', 'bytes'],
  ['fixed32', 'sfixed32'],
  ['fixed64', 'sfixed64'],
];

function changeField(field: ProtoField, file: ProtoFile, dice: Dice): ProtoField {
  const group = near.find((types) => types.includes(field.type));
  const changes: (() => ProtoField)[] = [
    () => ({ ...field, name: `${field.name}x` }),
    () => ({ ...field, type: makeType(file, dice), oneof: null }),
    () => ({ ...field, type: group === undefined ? field.type : dice.pick(group) }),
    () => ({ ...field, label: makeLabel(file, dice) }),
    () => ({ ...field, oneof: field.type.startsWith('map<') ? null : dice.pick(['o', 'p', null]) }),
  ];
  return dice.pick(changes)();
}
