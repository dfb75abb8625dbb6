import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findFreePort } from '@penstock/brokers';
import { ingest, models } from '@penstock/contracts';
import { defineProblem } from '@penstock/kernel';
import { until } from '@penstock/testing';
import { noTelemetry } from '../telemetry/telemetry.ts';
import { serverCredentials } from '../tls.ts';
import { createGrpcClient, type GrpcClient } from './client.ts';
import { bidiStream, clientStream, serverStream, unary } from './handlers.ts';
import { GrpcDoor } from './server.ts';

const wrong = defineProblem({ code: 'test.wrong', status: 'INVALID_ARGUMENT', remedy: 'reject' });
type Request = ingest.PublishStreamRequest;

/** Requests that a test sends when it likes. */
class Requests {
  readonly #stream = new TransformStream<Request, Request>();
  readonly #writer = this.#stream.writable.getWriter();

  send(pipeline: string): void {
    this.#writer.write({ pipeline, stage: '', records: [] }).catch(() => undefined);
  }

  end(): void {
    this.#writer.close().catch(() => undefined);
  }

  [Symbol.asyncIterator](): AsyncIterator<Request> {
    return this.#stream.readable[Symbol.asyncIterator]();
  }
}

let taken: string[];
let ended: boolean;
let door: GrpcDoor;
let client: GrpcClient<typeof ingest.IngestServiceService>;
let address: string;

/** Answers each request with its pipeline as the id of a stored record. */
async function* echo(requests: AsyncIterable<Request>): AsyncGenerator<ingest.PublishStreamResponse> {
  try {
    for await (const { pipeline } of requests) {
      if (pipeline === 'wrong') throw wrong('not like this');
      taken.push(pipeline);
      yield { outcomes: [{ result: { $case: 'stored', value: { id: pipeline, topic: '' } } }] };
    }
  } finally {
    ended = true;
  }
}

function openDoor(port: number): GrpcDoor {
  const opened = new GrpcDoor({
    host: '127.0.0.1',
    port,
    portVariable: 'PENSTOCK_GRPC_PORT',
    credentials: serverCredentials(null, 'none'),
    messageBytesMax: 100_000,
    callMsMax: 5_000,
    callsMax: 8,
    telemetry: noTelemetry(),
    defect: () => undefined,
  });
  opened.add(ingest.IngestServiceService, {
    publish: unary(async () => ({ outcomes: [] })),
    publishStream: bidiStream(echo),
  });
  const refuse = async (): Promise<never> => {
    throw wrong('not here');
  };
  opened.add(models.ModelsServiceService, {
    listModels: unary(refuse),
    getModel: unary(refuse),
    moveAlias: unary(refuse),
    watchModel: serverStream(async function* () {}),
    downloadModel: serverStream(async function* () {}),
    registerModel: clientStream(async (requests) => {
      let bytes = 0;
      for await (const { part } of requests) if (part?.$case === 'chunk') bytes += part.value.length;
      return { version: models.Version.fromPartial({ version: bytes }) };
    }),
  });
  return opened;
}

beforeEach(async () => {
  taken = [];
  ended = false;
  door = openDoor(0);
  address = await door.listen();
  client = createGrpcClient(ingest.IngestServiceClient, address, { retries: 0 });
});

afterEach(async () => {
  client[Symbol.dispose]();
  await door[Symbol.asyncDispose]();
});

const idOf = ({ value }: IteratorResult<ingest.PublishStreamResponse>): string => {
  const [outcome] = (value as ingest.PublishStreamResponse).outcomes;
  return outcome?.result?.$case === 'stored' ? outcome.result.value.id : '';
};

describe('a dialogue', () => {
  test('answers each request as it comes, and ends when the requests do', async () => {
    const requests = new Requests();
    const answers = client.publishStream(requests)[Symbol.asyncIterator]();
    for (const pipeline of ['one', 'two']) {
      requests.send(pipeline);
      expect(idOf(await answers.next())).toBe(pipeline);
    }
    requests.end();
    expect(await answers.next()).toEqual({ value: undefined, done: true });
  });

  test('ends with the problem that its handler throws', async () => {
    const requests = new Requests();
    const answers = client.publishStream(requests)[Symbol.asyncIterator]();
    requests.send('wrong');
    await expect(answers.next()).rejects.toMatchObject({ code: 'test.wrong', message: 'not like this' });
    expect(ended).toBe(true);
  });

  test('is over for the handler when the caller leaves', async () => {
    const requests = new Requests();
    const answers = client.publishStream(requests)[Symbol.asyncIterator]();
    requests.send('one');
    await answers.next();
    await answers.return?.(undefined);
    await until(() => ended, { deadlineMs: 5_000, what: 'the handler ends' });
  });

  test('while the service drains takes nothing more, answers what it took, and tells the caller to go on elsewhere', async () => {
    const requests = new Requests();
    const answers = client.publishStream(requests)[Symbol.asyncIterator]();
    requests.send('one');
    expect(idOf(await answers.next())).toBe('one');
    const drained = door.drain();
    requests.send('late');
    await expect(answers.next()).rejects.toMatchObject({ code: 'service.draining', remedy: 'retry' });
    await drained;
    expect(taken).toEqual(['one']);
  });
});

test('many requests have one answer', async () => {
  using registry = createGrpcClient(models.ModelsServiceClient, address);
  const chunks = async function* (): AsyncGenerator<models.RegisterModelRequest> {
    for (let index = 0; index < 50; index += 1) yield { part: { $case: 'chunk', value: Buffer.alloc(50_000) } };
  };
  expect((await registry.registerModel(chunks())).version?.version).toBe(2_500_000);
});

test('a service that comes a moment later is waited for', async () => {
  const port = await findFreePort();
  using early = createGrpcClient(ingest.IngestServiceClient, `127.0.0.1:${port}`, { retries: 4, deadlineMs: 10_000 });
  const answer = early.publish({ pipeline: '', stage: '', records: [] });
  await using late = openDoor(port);
  await late.listen();
  expect(await answer).toEqual({ outcomes: [] });
});

test('a call is given up by its signal', async () => {
  const leaving = new AbortController();
  leaving.abort(new Error('enough'));
  await expect(client.publish({ pipeline: '', stage: '', records: [] }, { signal: leaving.signal })).rejects.toThrow('enough');
  const answers = client.publishStream(new Requests(), { signal: leaving.signal })[Symbol.asyncIterator]();
  await expect(answers.next()).rejects.toThrow('enough');
});
