import { afterAll, describe, expect, test } from '@jest/globals';
import type { Problem } from '@penstock/kernel';
import type { Claim, RefusedOutput, Sink, StateChange } from '@penstock/pipeline';
import { brokers, randomName, until } from '@penstock/testing';
import type { StoredRows } from './claim.ts';
import type { PostgresSettings } from './config.ts';
import { openPostgresSink } from './sink.ts';
import { ask, bindings, deliveryOf, eventTimeMs, outputOf } from './testing/rooms-table.ts';

const { signal } = new AbortController();
const lane = 'rooms.raw/0';
const opened: AsyncDisposable[] = [];
const schemas: string[] = [];
const query = <Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> =>
  ask(brokers().postgres, text, values);

afterAll(async () => {
  for (const each of opened.reverse()) await each[Symbol.asyncDispose]();
  for (const schema of schemas) await query(`drop schema if exists ${schema} cascade`);
});

/** A stage of its own in a schema of its own. */
function layGround(mode: 'append' | 'upsert' = 'append') {
  const schema = randomName('sink');
  schemas.push(schema);
  const stored: StoredRows[] = [];
  const buried: RefusedOutput[] = [];
  const open = (settings: Partial<PostgresSettings> = {}, columns = bindings): Sink => {
    const all = { url: brokers().postgres, schema, table: 'readings', mode, ...settings };
    const sink = openPostgresSink(all, {
      pipeline: 'rooms',
      stage: 'archive',
      columns,
      stored: (rows) => stored.push(rows),
    });
    opened.push(sink);
    return sink;
  };
  const sink = open();
  const bury = async (refused: readonly RefusedOutput[]): Promise<void> => void buried.push(...refused);
  const claim = async (of: Sink = sink): Promise<Claim> => {
    const claimed = await of.claim(lane, signal);
    opened.push(claimed);
    return claimed;
  };
  const deliver = (to: Claim, range: readonly [number, number], ids: readonly string[]): Promise<void> =>
    to.deliver(deliveryOf(lane, range, { outputs: ids.map((id) => outputOf(id, { room: id })) }), bury, signal);
  const ids = async (): Promise<string[]> =>
    (await query<{ id: string }>(`select id from ${schema}.readings order by ${mode === 'append' ? 'written' : 'id'}`)).map(
      ({ id }) => id,
    );
  return { schema, open, claim, deliver, bury, buried, stored, ids };
}

const restored = async (claim: Claim): Promise<string[]> => {
  const state: string[] = [];
  for await (const { store, key, value } of claim.restore())
    state.push(`${store} ${Buffer.from(key)} ${Buffer.from(value ?? [])}`);
  return state.sort();
};
const change = (key: string, value: string | null): StateChange => ({
  store: 'seen',
  key: Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
});
const thrownBy = async (doing: Promise<unknown>): Promise<Problem> =>
  doing.then(
    () => {
      throw new Error('it did not fail');
    },
    (thrown) => thrown as Problem,
  );

describe('a claim', () => {
  test('a new lane has no position; a later claim goes on where the last one stored', async () => {
    const ground = layGround();
    const first = await ground.claim();
    expect(first.position).toBeNull();
    await ground.deliver(first, [40, 42], ['a', 'b']);
    await ground.deliver(first, [45, 46], ['c']);
    const second = await ground.claim(ground.open());
    expect(second.position).toBe(46);
    expect(await ground.ids()).toEqual(['a', 'b', 'c']);
  });

  test('the earlier owner is fenced, and nothing of it is stored', async () => {
    const ground = layGround();
    const zombie = await ground.claim();
    await ground.deliver(zombie, [0, 1], ['a']);
    const owner = await ground.claim(ground.open());
    await expect(ground.deliver(zombie, [1, 2], ['b'])).rejects.toMatchObject({ code: 'lane.fenced' });
    await expect(ground.deliver(zombie, [2, 3], ['c'])).rejects.toMatchObject({ code: 'lane.fenced' });
    await ground.deliver(owner, [1, 2], ['b']);
    expect(await ground.ids()).toEqual(['a', 'b']);
  });

  test('deliveries that wait share a transaction and are answered in order', async () => {
    const ground = layGround();
    const claim = await ground.claim();
    const answered: number[] = [];
    await Promise.all(
      Array.from({ length: 50 }, async (_, at) => {
        await ground.deliver(claim, [at, at + 1], [`r${at}`]);
        answered.push(at);
      }),
    );
    expect(answered).toEqual(Array.from({ length: 50 }, (_, at) => at));
    expect(await ground.ids()).toEqual(answered.map((at) => `r${at}`));
    expect(ground.stored.length).toBeLessThan(5);
  });

  test('letting go ends what waits, and the next claim tells what was stored', async () => {
    const ground = layGround();
    const claim = await ground.claim();
    const answers = Array.from({ length: 20 }, (_, at) => ground.deliver(claim, [at, at + 1], [`r${at}`]));
    const outcomes = Promise.allSettled(answers);
    await claim[Symbol.asyncDispose]();
    const settled = (await outcomes).filter(({ status }) => status === 'fulfilled').length;
    const next = await ground.claim();
    expect(next.position ?? 0).toBeGreaterThanOrEqual(settled);
    expect(await ground.ids()).toHaveLength(next.position ?? 0);
  });

  test('state moves with the rows and is restored; a tick moves no position', async () => {
    const ground = layGround();
    const claim = await ground.claim();
    const deliver = (range: readonly [number, number], changes: readonly StateChange[]): Promise<void> =>
      claim.deliver(deliveryOf(lane, range, { changes }), ground.bury, signal);
    await Promise.all([deliver([0, 3], [change('a', '1'), change('b', '1')]), deliver([3, 4], [change('a', '2')])]);
    await deliver([4, 4], [change('b', null), change('c', 'Ω')]);
    const next = await ground.claim(ground.open());
    expect(next.position).toBe(4);
    expect(await restored(next)).toEqual(['seen a 2', 'seen c Ω']);
    await expect(deliver([4, 4], [change('a', '3')])).rejects.toMatchObject({ code: 'lane.fenced' });
    expect(await restored(next)).toEqual(['seen a 2', 'seen c Ω']);
  });
});

describe('rows', () => {
  test('each type comes back as what it was', async () => {
    const ground = layGround();
    const row = {
      co2Ppm: 0.1 + 0.2,
      sequence: 2 ** 53 - 1,
      windowStartMs: eventTimeMs + 1,
      occupied: true,
      room: 'Ä "1"\\',
      raw: Buffer.from([0, 1, 255]),
    };
    const outputs = [outputOf('full', row), outputOf('empty'), outputOf('infinite', { co2Ppm: Number.POSITIVE_INFINITY })];
    await (await ground.claim()).deliver(deliveryOf(lane, [0, 3], { outputs }), ground.bury, signal);
    const found = await query(`select * from ${ground.schema}.readings order by written`);
    expect(found).toEqual([
      {
        id: 'full',
        event_time: new Date(eventTimeMs),
        co2_ppm: row.co2Ppm,
        sequence: String(row.sequence),
        window_start_ms: new Date(row.windowStartMs),
        occupied: true,
        room: row.room,
        raw: row.raw,
        written: '1',
      },
      expect.objectContaining({ co2_ppm: null, sequence: null, window_start_ms: null, occupied: null, room: null, raw: null }),
      expect.objectContaining({ co2_ppm: Number.POSITIVE_INFINITY }),
    ]);
  });

  test('only the guilty rows of a batch are refused, and are buried before the position moves', async () => {
    const ground = layGround();
    const claim = await ground.claim();
    await query(`alter table ${ground.schema}.readings add check (co2_ppm < 10000)`);
    const outputs = Array.from({ length: 40 }, (_, at) =>
      outputOf(`r${at}`, at === 7 ? { co2Ppm: 20_000 } : at === 31 ? { room: 'zero \0' } : {}),
    );
    const positions: unknown[] = [];
    const bury = async (refused: readonly RefusedOutput[]): Promise<void> => {
      positions.push(...(await query(`select next from ${ground.schema}.penstock_ledger`)));
      await ground.bury(refused);
    };
    await claim.deliver(deliveryOf(lane, [0, 40], { outputs }), bury, signal);
    expect(positions).toEqual([{ next: null }]);
    expect(ground.buried.map(({ output }) => output)).toEqual([7, 31]);
    expect(ground.buried.map(({ problem }) => problem.code)).toEqual(['postgres.refused-row', 'postgres.refused-row']);
    expect(ground.buried[0]?.problem.message).toContain('violates check constraint');
    expect(await ground.ids()).toEqual(outputs.map(({ id }) => id).filter((id) => id !== 'r7' && id !== 'r31'));
    expect(ground.stored).toEqual([{ rows: 38, duplicates: 0, refused: 2 }]);
  });

  test('dead letters that cannot be buried leave everything as it was', async () => {
    const ground = layGround();
    const claim = await ground.claim();
    const outputs = [outputOf('good'), outputOf('bad', { room: '\0' })];
    const bury = async (): Promise<void> => {
      throw new Error('no place');
    };
    await expect(claim.deliver(deliveryOf(lane, [0, 2], { outputs }), bury, signal)).rejects.toThrow('no place');
    expect((await ground.claim()).position).toBeNull();
    expect(await ground.ids()).toEqual([]);
  });

  test('upsert keeps one row for each id and counts how often it was written', async () => {
    const ground = layGround('upsert');
    const claim = await ground.claim();
    const version = (id: string, co2Ppm: number): ReturnType<typeof outputOf> => outputOf(id, { co2Ppm });
    const deliver = (range: readonly [number, number], outputs: ReturnType<typeof outputOf>[]): Promise<void> =>
      claim.deliver(deliveryOf(lane, range, { outputs }), ground.bury, signal);
    await deliver([0, 4], [version('b', 1), version('a', 1), version('b', 2), version('b', 3)]);
    await deliver([4, 5], [version('a', 2)]);
    expect(await query(`select id, co2_ppm, writes from ${ground.schema}.readings order by id`)).toEqual([
      { id: 'a', co2_ppm: 2, writes: 2 },
      { id: 'b', co2_ppm: 3, writes: 3 },
    ]);
    expect(ground.stored.map(({ duplicates }) => duplicates)).toEqual([2, 1]);
  });
});

describe('tables', () => {
  const more = { slot: 3, field: { name: 'lightLux', type: 'number', nullable: true } } as const;

  test('a new field becomes a column while the stage before it still runs', async () => {
    const ground = layGround();
    const before = await ground.claim();
    await ground.deliver(before, [0, 1], ['a']);
    await ground.claim(ground.open({}, [...bindings, more]));
    const columns = await query(
      `select data_type from information_schema.columns where table_schema = $1 and column_name = 'light_lux'`,
      [ground.schema],
    );
    expect(columns).toEqual([{ data_type: 'double precision' }]);
  });

  test.each<{ name: string; definition: string; settings?: Partial<PostgresSettings>; message: string }>([
    {
      name: 'a column of another type',
      definition: 'id text, event_time timestamptz, co2_ppm text',
      message: 'column co2_ppm is text',
    },
    { name: 'a table without ids', definition: 'event_time timestamptz', message: 'has no column id text' },
    {
      name: 'a column that nobody fills',
      definition: 'id text, event_time timestamptz, tenant text not null',
      message: 'column tenant is not null and the stage does not fill it',
    },
    {
      name: 'no key to upsert by',
      definition: 'id text, event_time timestamptz',
      settings: { mode: 'upsert' },
      message: 'mode upsert needs a primary key or a unique index over id',
    },
    {
      name: 'a key that hides duplicates',
      definition: 'id text primary key, event_time timestamptz',
      message: 'so mode append cannot show',
    },
    {
      name: 'a missing column, and no leave to add it',
      definition: 'id text, event_time timestamptz',
      settings: { createTable: false },
      message: 'has no column',
    },
  ])('$name stops the stage with a clear word', async ({ definition, settings = {}, message }) => {
    const ground = layGround();
    await query(`create schema ${ground.schema}`);
    await query(`create table ${ground.schema}.readings (${definition})`);
    const problem = await thrownBy(ground.claim(ground.open(settings)));
    expect(problem).toMatchObject({ code: 'postgres.table-mismatch', remedy: 'stop' });
    expect(problem.message).toContain(message);
  });

  test('a table that was dropped is made again by the next claim', async () => {
    const ground = layGround();
    const claim = await ground.claim();
    await query(`drop table ${ground.schema}.readings`);
    await expect(ground.deliver(claim, [0, 1], ['a'])).rejects.toMatchObject({
      code: 'postgres.table-changed',
      remedy: 'retry',
    });
    await ground.deliver(await ground.claim(), [0, 1], ['a']);
    expect(await ground.ids()).toEqual(['a']);
  });

  test('many processes declare the same table at once', async () => {
    const ground = layGround();
    await Promise.all(Array.from({ length: 6 }, () => ground.claim(ground.open())));
    const [{ epoch } = { epoch: '0' }] = await query<{ epoch: string }>(`select epoch from ${ground.schema}.penstock_ledger`);
    expect(epoch).toBe('6');
  });
});

describe('outages are no poison', () => {
  test('a connection that is cut ends the claim with a problem to wait out', async () => {
    const ground = layGround();
    const claim = await ground.claim();
    await query(`create function ${ground.schema}.sleepy() returns trigger language plpgsql as
      'begin perform pg_sleep(20); return new; end'`);
    await query(`create trigger sleepy before insert on ${ground.schema}.readings execute function ${ground.schema}.sleepy()`);
    const outcome = thrownBy(ground.deliver(claim, [0, 1], ['a']));
    await until(
      async () =>
        (
          await query(
            `select pg_terminate_backend(pid) from pg_stat_activity
              where application_name = 'penstock' and query like 'insert into "${ground.schema}"%' and state = 'active'`,
          )
        ).length === 1,
      { deadlineMs: 5_000, what: 'the insert to be under way' },
    );
    expect(await outcome).toMatchObject({ code: 'postgres.unreachable', remedy: 'retry' });
    expect(ground.buried).toEqual([]);
  });

  test('a statement that takes too long', async () => {
    const ground = layGround();
    const sink = ground.open({ statementTimeoutMs: 200 });
    const claim = await ground.claim(sink);
    await query(`create function ${ground.schema}.sleepy() returns trigger language plpgsql as
      'begin perform pg_sleep(20); return new; end'`);
    await query(`create trigger sleepy before insert on ${ground.schema}.readings execute function ${ground.schema}.sleepy()`);
    expect(await thrownBy(ground.deliver(claim, [0, 1], ['a']))).toMatchObject({ code: 'postgres.timed-out', remedy: 'retry' });
  });

  test.each<[string, (url: URL) => void, string]>([
    ['no server', (url) => void (url.port = '9'), 'postgres.unreachable'],
    ['no such database', (url) => void (url.pathname = '/nowhere'), 'postgres.no-database'],
    ['no such user', (url) => void (url.username = 'stranger'), 'postgres.unauthorised'],
  ])('%s', async (_name, change, code) => {
    const url = new URL(brokers().postgres);
    url.password = 'secret-word';
    change(url);
    const problem = await thrownBy(layGround().open({ url: url.href }).claim(lane, signal));
    expect(problem).toMatchObject({ code, remedy: 'retry' });
    expect(JSON.stringify([problem.message, problem.facts])).not.toContain('secret-word');
    expect(problem.message).toContain(`postgres at ${url.hostname}:${url.port}${url.pathname}`);
  });
});
