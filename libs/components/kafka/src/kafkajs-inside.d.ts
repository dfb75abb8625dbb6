/**
 * The requests inside kafkajs 2.2.4, which its own types leave out. The library has been frozen since 2023 and its version is
 * pinned, so these stay as they are.
 */
declare module 'kafkajs/src/protocol/encoder.js' {
  export default class Encoder {
    constructor(initialSize?: number);
    readonly buffer: Buffer;
    writeInt8(value: number): this;
    writeInt16(value: number): this;
    writeInt32(value: number): this;
    writeString(value: string | null): this;
    writeVarInt(value: number): this;
    writeVarLong(value: number | bigint): this;
    writeVarIntBytes(value: Uint8Array | null): this;
    writeArray(values: readonly Encoder[]): this;
    writeUVarIntString(value: string): this;
    writeUVarIntBytes(value?: Uint8Array): this;
    writeUVarIntArray(values: readonly Encoder[]): this;
    writeEncoder(value: Encoder): this;
    size(): number;
    static sizeOfVarInt(value: number): number;
    static sizeOfVarLong(value: number | bigint): number;
    static sizeOfVarIntBytes(value: Uint8Array | null): number;
  }
}
declare module 'kafkajs/src/protocol/decoder.js' {
  export default class Decoder {
    constructor(buffer: Buffer);
    readonly buffer: Buffer;
    offset: number;
    readInt8(): number;
    readInt16(): number;
    readInt32(): number;
    readInt64(): bigint;
    readString(): string;
    readBytes(length?: number): Buffer | null;
    readVarInt(): number;
    readVarLong(): { toNumber(): number };
    readVarIntBytes(): Buffer | null;
    readArray<Item>(read: (decoder: Decoder) => Item): Item[];
    readUVarIntString(): string | null;
    readUVarIntArray<Item>(read: (decoder: Decoder) => Item): Item[];
    readTaggedFields(): unknown;
    readAll(): Buffer;
    canReadBytes(length: number): boolean;
    slice(length: number): Decoder;
    forward(length: number): void;
  }
}
declare module 'kafkajs/src/protocol/recordBatch/v0/index.js' {
  import type Encoder from 'kafkajs/src/protocol/encoder.js';
  export function RecordBatch(batch: {
    compression: number;
    records: readonly Encoder[];
    firstTimestamp: number;
    maxTimestamp: number;
    producerId: bigint;
    producerEpoch: number;
    firstSequence: number;
    transactional: boolean;
    lastOffsetDelta: number;
  }): Promise<Encoder>;
}
declare module 'kafkajs/src/network/connectionPool.js' {
  export interface Protocol {
    readonly request: {
      readonly apiKey?: number;
      readonly apiVersion?: number;
      readonly apiName?: string;
      readonly encode: () => Promise<unknown>;
    };
    readonly response: { decode(raw: Buffer): Promise<unknown>; parse(data: never): Promise<unknown> };
    readonly requestTimeout?: number;
  }
  export default class ConnectionPool {
    constructor(options: object);
    send(protocol: Protocol): Promise<unknown>;
  }
}
declare module 'kafkajs/src/broker/index.js' {
  import type ConnectionPool from 'kafkajs/src/network/connectionPool.js';
  import type { Protocol } from 'kafkajs/src/network/connectionPool.js';
  export default class Broker {
    constructor(options: { connectionPool: ConnectionPool; logger: object; authenticationTimeout?: number });
    isConnected(): boolean;
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    lookupRequest(apiKey: number, requests: object): (args: object) => Protocol;
  }
}
declare module 'kafkajs/src/protocol/requests/index.js' {
  export const requests: Readonly<Record<string, object>>;
}
declare module 'kafkajs/src/protocol/requests/apiKeys.js' {
  const apiKeys: Readonly<Record<string, number>>;
  export default apiKeys;
}
declare module 'kafkajs/src/network/socketFactory.js' {
  export default function createSocketFactory(): (options: object) => object;
}
declare module 'kafkajs/src/loggers/index.js' {
  export function createLogger(options: { level: number; logCreator: () => () => void }): object;
}
