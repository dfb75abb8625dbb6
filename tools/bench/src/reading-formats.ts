import { parseSchema, type Schema } from '@penstock/schema';
import avro from 'avsc';
import protobuf from 'protobufjs';
import type { RoomReading } from './readings.ts';

/** One wire format: our schema, and the fastest library for it as a bare loop would use it. */
export interface ReadingFormat {
  readonly name: string;
  /** The library that is the limit. */
  readonly limit: string;
  readonly schema: Schema;
  encode(reading: RoomReading): Uint8Array;
  decode(payload: Uint8Array): unknown;
}

const texts = ['building', 'room', 'deviceId', 'note'];
const wholes = ['sequence', 'observedAtMs'];
const numbers = ['temperatureC', 'temperatureF', 'humidityPct', 'co2Ppm'];
const names = [...texts.slice(0, 3), ...wholes, ...numbers, 'note'];

function typeOf<Type>(name: string, [text, whole, number]: readonly [Type, Type, Type]): Type {
  if (texts.includes(name)) return text;
  return wholes.includes(name) ? whole : number;
}

export function createJsonFormat(): ReadingFormat {
  const properties = Object.fromEntries(names.map((name) => [name, { type: typeOf(name, ['string', 'integer', 'number']) }]));
  const text = JSON.stringify({ title: 'Reading', type: 'object', properties, required: names });
  return {
    name: 'JSON',
    limit: 'JSON.parse and JSON.stringify',
    schema: parseSchema({ format: 'JSON', text }),
    encode: (reading) => Buffer.from(JSON.stringify(reading)),
    decode: (payload) => JSON.parse(payload.toString()) as RoomReading,
  };
}

export function createAvroFormat(): ReadingFormat {
  const fields = names.map((name) => ({ name, type: typeOf(name, ['string', 'long', 'double']) }));
  const declaration = { type: 'record', name: 'Reading', fields } as const;
  const type = avro.Type.forSchema(declaration as unknown as avro.Schema);
  return {
    name: 'Avro',
    limit: 'avsc',
    schema: parseSchema({ format: 'AVRO', text: JSON.stringify(declaration) }),
    encode: (reading) => type.toBuffer(reading),
    decode: (payload) => type.fromBuffer(payload as Buffer),
  };
}

export function createProtobufFormat(): ReadingFormat {
  const fields = names.map((name, index) => `${typeOf(name, ['string', 'int64', 'double'])} ${name} = ${index + 1};`);
  const text = `syntax = "proto3"; message Reading { ${fields.join(' ')} }`;
  const type = protobuf.parse(text, { keepCase: true }).root.lookupType('Reading');
  return {
    name: 'Protobuf',
    limit: 'protobufjs',
    schema: parseSchema({ format: 'PROTOBUF', text }),
    encode: (reading) => type.encode(reading).finish(),
    decode: (payload) => type.decode(payload),
  };
}
