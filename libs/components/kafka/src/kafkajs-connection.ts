import Broker from 'kafkajs/src/broker/index.js';
import { createLogger } from 'kafkajs/src/loggers/index.js';
import ConnectionPool from 'kafkajs/src/network/connectionPool.js';
import createSocketFactory from 'kafkajs/src/network/socketFactory.js';
import { KafkaError, kafkaCode } from './kafka-error.ts';
import type { DriverOptions } from './port.ts';

/** Says nothing: what matters is thrown. */
const silence = createLogger({ level: 0, logCreator: () => () => undefined });

/**
 * The library calls a broker connected as soon as its socket is; what it can do is known only when `connect` returns. Later it
 * connects again by itself.
 */
export async function connectBroker(at: { host: string; port: number }, options: DriverOptions): Promise<Broker> {
  const broker = openBroker(at, options);
  try {
    await broker.connect();
    return broker;
  } catch (thrown) {
    await cut(broker);
    throw thrown;
  }
}

function openBroker({ host, port }: { host: string; port: number }, options: DriverOptions): Broker {
  const { clientId, connectTimeoutMs, requestTimeoutMs, tls, sasl } = options;
  const connectionPool = new ConnectionPool({
    host,
    port,
    clientId,
    ssl: tls,
    sasl: sasl === null ? null : { ...sasl, mechanism: sasl.mechanism.toLowerCase() },
    socketFactory: createSocketFactory(),
    connectionTimeout: connectTimeoutMs,
    requestTimeout: requestTimeoutMs,
    enforceRequestTimeout: true,
    logger: silence,
  });
  for (const connection of connectionsOf(connectionPool)) {
    calm(connection.requestQueue);
    connectOnce(connection);
  }
  return new Broker({ connectionPool, logger: silence });
}

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

interface Connection {
  readonly requestQueue: RequestQueue;
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
  rejectRequests(error: Error): void;
}

function connectionsOf(pool: ConnectionPool): readonly Connection[] {
  return (pool as unknown as { pool: readonly Connection[] }).pool;
}

/** With nothing pending it would set a timer in the past after every answer, and Node 24 warns. */
function calm(queue: RequestQueue): void {
  const schedule = queue.scheduleCheckPendingRequests.bind(queue);
  queue.scheduleCheckPendingRequests = () => {
    if (queue.pending.length > 0) schedule();
  };
}

const closed = new WeakSet<Connection>();
const closedError = (): KafkaError => new KafkaError(kafkaCode.noAnswer, 'the driver is closed');

/**
 * The library opens a socket for each of several that find a connection broken at once, and forgets all but the last: the others stay open
 * for ever, and keep the process alive. And whoever still asks while a broker is let go would connect again.
 */
function connectOnce(connection: Connection): void {
  const connect = connection.connect.bind(connection);
  const open = async (): Promise<unknown> => {
    if (closed.has(connection)) throw closedError();
    const answer = await connect();
    if (!closed.has(connection)) return answer;
    await connection.disconnect();
    throw closedError();
  };
  let opening: Promise<unknown> | null = null;
  connection.connect = () => {
    opening ??= open().finally(() => {
      opening = null;
    });
    return opening;
  };
}

export function poolOf(broker: Broker): ConnectionPool {
  return (broker as unknown as { connectionPool: ConnectionPool }).connectionPool;
}

/** Breaks what is still being waited for: a long poll, a join. The library's own disconnect would wait for the answers. */
export async function cut(broker: Broker): Promise<void> {
  for (const connection of connectionsOf(poolOf(broker))) {
    closed.add(connection);
    connection.rejectRequests(closedError());
  }
  await broker.disconnect();
}
