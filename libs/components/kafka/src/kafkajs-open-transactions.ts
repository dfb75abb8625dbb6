import type { Protocol } from 'kafkajs/src/network/connectionPool.js';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import Encoder from 'kafkajs/src/protocol/encoder.js';
import type { OpenTransaction, TopicPartition } from './port.ts';
import { groupByTopic, stateOf } from './wire.ts';

/** Connections of kafkajs look for more in an answer, so that it has to be an object. */
export interface Told<Answer> {
  readonly answer: Answer;
}

/** DescribeTransactions, version 0: younger than kafkajs, so written in its primitives. */
export function describeTransaction(transactionalId: string): Protocol {
  const id = new Encoder().writeUVarIntString(transactionalId);
  const read = (decoder: Decoder): string | null => {
    const [state = null] = decoder.readUVarIntArray((own) => {
      const errorCode = own.readInt16();
      own.readUVarIntString(); // the id
      const told = stateOf(errorCode, own.readUVarIntString() ?? '');
      own.forward(22); // its time-out, its start, its producer
      own.readUVarIntArray(skipTopic);
      own.readTaggedFields();
      return told;
    });
    return state;
  };
  const body = new Encoder().writeUVarIntArray([id]);
  return flexible({ apiKey: 65, apiName: 'DescribeTransactions', body, read });
}

function skipTopic(decoder: Decoder): void {
  decoder.readUVarIntString();
  decoder.readUVarIntArray((own) => own.readInt32());
  decoder.readTaggedFields();
}

/** DescribeProducers, version 0. */
export function describeOpenTransactions(partitions: readonly TopicPartition[]): Protocol {
  const topics = [...groupByTopic(partitions)].map(([topic, own]) =>
    new Encoder()
      .writeUVarIntString(topic)
      .writeUVarIntArray(own.map(({ partition }) => new Encoder().writeInt32(partition)))
      .writeUVarIntBytes(),
  );
  const body = new Encoder().writeUVarIntArray(topics);
  const read = (decoder: Decoder): OpenTransaction[] => decoder.readUVarIntArray(readTopic).flat();
  return flexible({ apiKey: 61, apiName: 'DescribeProducers', body, read });
}

function readTopic(decoder: Decoder): OpenTransaction[] {
  const topic = decoder.readUVarIntString() ?? '';
  const partitions = decoder.readUVarIntArray((own) => readPartition(own, topic));
  decoder.readTaggedFields();
  return partitions.flat();
}

function readPartition(decoder: Decoder, topic: string): OpenTransaction[] {
  const partition = decoder.readInt32();
  decoder.readInt16(); // why nothing is told about it
  decoder.readUVarIntString();
  const producers = decoder.readUVarIntArray((own) => {
    const producerId = BigInt(own.readInt64());
    own.forward(20); // epoch, last sequence, its time, the coordinator's epoch
    const startOffset = BigInt(own.readInt64());
    own.readTaggedFields();
    return { producerId, isOpen: startOffset >= 0n };
  });
  decoder.readTaggedFields();
  return producers.filter(({ isOpen }) => isOpen).map(({ producerId }) => ({ topic, partition, producerId }));
}

interface Question<Answer> {
  readonly apiKey: number;
  readonly apiName: string;
  readonly body: Encoder;
  read(decoder: Decoder): Answer;
}

/** A request and an answer of the newer form: with room for tagged fields, of which none is used. */
function flexible<Answer>({ apiKey, apiName, body, read }: Question<Answer>): Protocol {
  const encode = async (): Promise<Encoder> => new Encoder().writeUVarIntBytes().writeEncoder(body).writeUVarIntBytes();
  const decode = async (raw: Buffer): Promise<Told<Answer>> => {
    const decoder = new Decoder(raw);
    decoder.readTaggedFields();
    decoder.readInt32(); // how long it was held back
    return { answer: read(decoder) };
  };
  return { request: { apiKey, apiVersion: 0, apiName, encode }, response: { decode, parse: async (data) => data } };
}
