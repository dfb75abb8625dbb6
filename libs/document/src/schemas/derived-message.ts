import type { Field } from '@penstock/kernel';
import { type NumberedField, type ProtobufSchema, parseSchema, printMessage } from '@penstock/schema';
import { type Referring, sourceOf } from '../applied.ts';

interface RegisteredMessage extends Pick<Referring, 'imports'> {
  readonly text: string;
  readonly message?: string;
}

export interface DerivedMessage {
  readonly text: string;
  /** `rooms.Features`. */
  readonly message: string;
}

/**
 * The schema of a topic whose records a stage makes up, printed from their fields. A field keeps its number for ever, by its name,
 * as long as its type stays; new ones are numbered behind all that ever were; numbers and names that are gone are reserved.
 */
export function deriveMessage(
  { pipeline, topic, fields }: { pipeline: string; topic: string; fields: readonly Field[] },
  registered: RegisteredMessage | null,
): DerivedMessage {
  const name = messageNameOf(pipeline, topic);
  const past = registered === null ? nothingPast : pastOf(registered);
  let last = Math.max(0, ...past.fields.map(({ number }) => number), ...past.reserved);
  const numbered = fields.map((field): NumberedField => {
    const kept = past.fields.find((earlier) => earlier.field?.name === field.name && earlier.field.type === field.type);
    if (kept !== undefined) return { field, number: kept.number };
    last = last + 1 === unusable.first ? unusable.last + 1 : last + 1;
    return { field, number: last };
  });
  const isGone = ({ number }: PastField): boolean => !numbered.some((field) => field.number === number);
  const gone = past.fields.filter(isGone);
  const reserved = [...past.reserved, ...gone.map(({ number }) => number)].sort((left, right) => left - right);
  const reservedNames = [...new Set([...past.reservedNames, ...gone.map(({ spelling }) => spelling)])].sort();
  return { text: printMessage({ name, fields: numbered, reserved, reservedNames }), message: name };
}

/** Protobuf keeps these numbers for itself. */
const unusable = { first: 19_000, last: 19_999 } as const;

function messageNameOf(pipeline: string, topic: string): string {
  const own = topic.startsWith(`${pipeline}.`) ? topic.slice(pipeline.length + 1) : topic;
  const words = own.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const message = words.map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`).join('');
  return `${pipeline.replaceAll('-', '_')}.${/^[A-Z]/.test(message) ? message : `Topic${message}`}`;
}

/** A field as it is registered; its column is null where it is none. */
interface PastField {
  readonly number: number;
  readonly spelling: string;
  readonly field: Field | null;
}

interface Past {
  readonly fields: readonly PastField[];
  readonly reserved: readonly number[];
  readonly reservedNames: readonly string[];
}

const nothingPast: Past = { fields: [], reserved: [], reservedNames: [] };

function pastOf(registered: RegisteredMessage): Past {
  const { message, shape } = parseSchema(sourceOf({ ...registered, format: 'PROTOBUF' })) as ProtobufSchema;
  const { reservedRange, reservedName } = message.proto;
  return {
    fields: message.fields.map(({ number, name, jsonName }) => ({
      number,
      spelling: name,
      field: shape.fields.find((field) => field.name === jsonName) ?? null,
    })),
    reserved: reservedRange.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, at) => start + at)),
    reservedNames: reservedName,
  };
}
