import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { health, stages } from '@penstock/contracts';
import { defineProblem, Problem } from '@penstock/kernel';
import { until } from '@penstock/testing';
import { noTelemetry } from '../telemetry/telemetry.ts';
import { serverCredentials } from '../tls.ts';
import { createGrpcClient, type GrpcClient } from './client.ts';
import { serverStream, unary } from './handlers.ts';
import { GrpcDoor } from './server.ts';

const unreachable = defineProblem({ code: 'kafka.unreachable', status: 'UNAVAILABLE', remedy: 'retry' });
const notFound = defineProblem({ code: 'stage.not-found', status: 'NOT_FOUND', remedy: 'reject' });
const { ListStagesResponse } = stages;

/** What each test lets the service answer. */
let answer: (pipeline: string, signal: AbortSignal) => Promise<stages.ListStagesResponse>;
let watch: (signal: AbortSignal) => AsyncIterable<stages.WatchStagesResponse>;
let defects: unknown[];
let door: GrpcDoor;
let client: GrpcClient<typeof stages.StagesServiceService>;
let address: string;

function openDoor(port = 0): GrpcDoor {
  const opened = new GrpcDoor({
    host: '127.0.0.1',
    port,
    portVariable: 'PENSTOCK_GRPC_PORT',
    credentials: serverCredentials(null, 'none'),
    messageBytesMax: 1_000,
    callMsMax: 5_000,
    callsMax: 8,
    telemetry: noTelemetry(),
    defect: (_, thrown) => defects.push(thrown),
  });
  opened.add(stages.StagesServiceService, {
    listStages: unary(({ pipeline }, { signal }) => answer(pipeline, signal)),
    watchStages: serverStream((_, { signal }) => watch(signal)),
  });
  return opened;
}

beforeEach(async () => {
  defects = [];
  answer = async () => ListStagesResponse.create();
  watch = async function* () {};
  door = openDoor();
  address = await door.listen();
  client = createGrpcClient(stages.StagesServiceClient, address, { retries: 0 });
});

afterEach(async () => {
  client[Symbol.dispose]();
  await door[Symbol.asyncDispose]();
});

const thrownBy = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );

describe('problems', () => {
  test('arrive with their code, status, remedy and facts', async () => {
    answer = async (pipeline) => {
      throw notFound(`no pipeline ${pipeline}`, { facts: { pipeline, known: 3 } });
    };
    const thrown = await thrownBy(client.listStages({ pipeline: 'rooms' }));
    expect(thrown).toBeInstanceOf(Problem);
    expect(thrown).toMatchObject({
      message: 'no pipeline rooms',
      kind: { code: 'stage.not-found', status: 'NOT_FOUND', remedy: 'reject' },
      facts: { pipeline: 'rooms', known: '3' },
    });
  });

  test('carry a google.rpc.ErrorInfo that any client can read', async () => {
    answer = async () => {
      throw notFound('gone');
    };
    const raw = new Client(address, credentials.createInsecure());
    const method = stages.StagesServiceService.listStages;
    const { promise, resolve } = Promise.withResolvers<ServiceError | null>();
    const request = stages.ListStagesRequest.create();
    raw.makeUnaryRequest(method.path, method.requestSerialize, method.responseDeserialize, request, resolve);
    const failure = await promise;
    raw.close();
    const details = failure?.metadata.get('grpc-status-details-bin')[0]?.toString('latin1') ?? '';
    expect(details).toContain('type.googleapis.com/google.rpc.ErrorInfo');
    expect(details).toContain('STAGE_NOT_FOUND');
    expect(details).toContain('penstock');
  });

  test('anything else that is thrown is a defect: logged here, INTERNAL there, and nothing of it leaks', async () => {
    answer = async () => {
      throw new TypeError('secret detail');
    };
    const thrown = await thrownBy(client.listStages({ pipeline: '' }));
    expect(thrown).toMatchObject({ kind: { code: 'service.defect', status: 'INTERNAL' } });
    expect(String(thrown)).not.toContain('secret');
    expect(defects).toEqual([new TypeError('secret detail')]);
  });

  test('of services that are not ours get a code from their status', async () => {
    const foreign = createGrpcClient(health.HealthClient, address, { retries: 0 });
    expect(await thrownBy(foreign.check({ service: '' }))).toMatchObject({ code: 'grpc.unimplemented' });
    foreign[Symbol.dispose]();
  });

  test('a message beyond the limit is refused', async () => {
    expect(await thrownBy(client.listStages({ pipeline: 'x'.repeat(2_000) }))).toMatchObject({ code: 'grpc.resource-exhausted' });
  });
});

describe('calls', () => {
  test('end at the deadline of the caller, whether the handler listens or not', async () => {
    let aborted: unknown = null;
    answer = (_, signal) => {
      signal.addEventListener('abort', () => (aborted = signal.reason));
      return new Promise(() => undefined);
    };
    const thrown = await thrownBy(client.listStages({ pipeline: '' }, { deadlineMs: 50 }));
    expect(thrown).toMatchObject({ kind: { status: 'DEADLINE_EXCEEDED' } });
    await until(() => aborted !== null, { deadlineMs: 5_000, what: 'the handler is told' });
  });

  test('are refused beyond the limit', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    let under = 0;
    answer = async () => {
      under += 1;
      await gate;
      return ListStagesResponse.create();
    };
    const taken = Array.from({ length: 8 }, () => client.listStages({ pipeline: '' }));
    await until(() => under === 8, { deadlineMs: 5_000, what: '8 calls are under way' });
    expect(await thrownBy(client.listStages({ pipeline: '' }))).toMatchObject({ code: 'service.overloaded' });
    open();
    await Promise.all(taken);
  });

  test('are tried again while a service cannot be reached, and only then', async () => {
    const patient = createGrpcClient(stages.StagesServiceClient, address, { retries: 4 });
    let asked = 0;
    answer = async () => {
      asked += 1;
      if (asked < 3) throw unreachable('not yet');
      throw notFound('gone');
    };
    expect(await thrownBy(patient.listStages({ pipeline: '' }))).toMatchObject({ code: 'stage.not-found' });
    expect(asked).toBe(3);
    patient[Symbol.dispose]();
  });
});

describe('streams', () => {
  test('a caller that goes away ends the handler, also while it waits for the caller to keep up', async () => {
    let sent = 0;
    let ended = false;
    watch = async function* () {
      try {
        while (true) {
          sent += 1;
          yield { stages: [stages.StageStatus.fromPartial({ stage: 'x'.repeat(50_000) })] };
        }
      } finally {
        ended = true;
      }
    };
    const wide = createGrpcClient(stages.StagesServiceClient, address);
    const stream = wide.watchStages({ pipeline: '', intervalMs: 0 })[Symbol.asyncIterator]();
    await stream.next();
    let before = -1;
    await until(
      () => {
        const stands = sent === before;
        before = sent;
        return stands;
      },
      { deadlineMs: 5_000, what: 'nobody reads, so nothing more is made' },
    );
    expect(sent).toBeLessThan(500);
    await stream.return?.(undefined);
    await until(() => ended, { deadlineMs: 5_000, what: 'the handler ends' });
    wide[Symbol.dispose]();
  });

  test('a handler that ignores its signal does not hold the call', async () => {
    watch = async function* () {
      yield { stages: [] };
      await new Promise(() => undefined);
    };
    const stream = client.watchStages({ pipeline: '', intervalMs: 0 })[Symbol.asyncIterator]();
    await stream.next();
    await stream.return?.(undefined);
    await door.drain();
  });
});

describe('draining', () => {
  test('answers what is under way, ends streams, and refuses what is new', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    let asked = false;
    answer = async () => {
      asked = true;
      await gate;
      return { stages: [stages.StageStatus.fromPartial({ stage: 'late' })] };
    };
    watch = async function* (signal) {
      yield { stages: [] };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    };
    const stream = client.watchStages({ pipeline: '', intervalMs: 0 })[Symbol.asyncIterator]();
    await stream.next();
    const underWay = client.listStages({ pipeline: '' });
    await until(() => asked, { deadlineMs: 5_000, what: 'the call is under way' });
    const drained = door.drain();
    expect(await thrownBy(stream.next())).toMatchObject({ code: 'service.draining', remedy: 'retry' });
    expect(await thrownBy(client.listStages({ pipeline: '' }))).toMatchObject({ code: 'service.draining' });
    open();
    expect((await underWay).stages[0]?.stage).toBe('late');
    await drained;
  });
});

test('a port that is taken is named, with the variable to set', async () => {
  const port = Number(address.split(':')[1]);
  await using second = openDoor(port);
  await expect(second.listen()).rejects.toThrow(
    `127.0.0.1:${port} is taken by another process: set PENSTOCK_GRPC_PORT to another port, or to 0 for any that is free`,
  );
});
