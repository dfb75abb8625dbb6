import { describe, expect, test } from '@jest/globals';
import { type Decoder, defineProblem, type Encoder, type Field, type Rows, rowFate } from '@penstock/kernel';
import type { Batch, Header } from './batch.ts';
import { stampedId, stampedTimeMs } from './cloud-event.ts';
import { createStage, type StageParts } from './compiled-stage.ts';
import type { Delivery, StateChange } from './delivery.ts';
import type { Task } from './stage.ts';
import { createJsonCodec } from './state.ts';
import { factFields, type OpenTransform } from './transform.ts';

const malformed = defineProblem({ code: 'test.malformed', status: 'INVALID_ARGUMENT', remedy: 'reject' });
const away = defineProblem({ code: 'test.away', status: 'UNAVAILABLE', remedy: 'retry' });
const slots: readonly Field[] = [...factFields, { name: 'value', type: 'number', nullable: true }];
const valueSlot = 3;
const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Payloads are decimal numbers; `later:7` needs a schema that comes later. */
function createNumberDecoder(fetched: Set<string> = new Set()): Decoder {
  return {
    prepare: (payload) => {
      const word = text.decode(payload);
      if (!word.startsWith('later:') || fetched.has(word)) return null;
      return Promise.resolve().then(() => void fetched.add(word));
    },
    decode: (payload, rows, row) => {
      const value = Number(text.decode(payload).replace('later:', ''));
      if (Number.isNaN(value)) throw malformed(`expected a number, got ${text.decode(payload)}`);
      rows.numbers(valueSlot)[row] = value;
    },
  };
}

const encoder: Encoder = { encode: (rows, row) => utf8.encode(String(rows.numbers(valueSlot)[row])) };

function batchOf(payloads: readonly (string | null)[], from = 100): Batch {
  const headers: readonly Header[] = [['origin', utf8.encode('test')]];
  return {
    lane: 'numbers/0',
    from,
    to: from + payloads.length,
    length: payloads.length,
    bytes: 10,
    key: () => utf8.encode('room'),
    payload: (row) => {
      const payload = payloads[row] ?? null;
      return payload === null ? null : utf8.encode(payload);
    },
    headers: () => headers,
    position: (row) => from + row,
    arrivedAtMs: () => 5_000,
  };
}

async function openTask(
  transforms: readonly OpenTransform[],
  more: Partial<StageParts> & { restored?: readonly StateChange[] } = {},
): Promise<Task> {
  const { restored = [], ...parts } = more;
  const stage = createStage({
    origin: { pipeline: 'test', stage: 'double' },
    clock: { nowMs: () => 9_000, sleep: async () => undefined },
    slots,
    decoder: createNumberDecoder(),
    facts: {
      id: (batch, _rows, row) => `${batch.lane}/${batch.position(row)}`,
      key: () => 'room',
      timeMs: (batch, _rows, row) => batch.arrivedAtMs(row),
    },
    transforms,
    encoder,
    event: { source: 'penstock/test/double', type: 'test.Number' },
    stampsInputs: true,
    ...parts,
  });
  return stage.open(
    'numbers/0',
    (async function* () {
      yield* restored;
    })(),
  );
}

const payloadsOf = ({ outputs }: Delivery, route = 'main'): string[] =>
  outputs.filter((output) => output.route === route).map(({ payload }) => text.decode(payload ?? new Uint8Array()));

const double: OpenTransform = () => ({
  process(rows) {
    for (let row = 0; row < rows.length; row += 1)
      if (rows.fate[row] === rowFate.flowing) rows.numbers(valueSlot)[row] = (rows.numbers(valueSlot)[row] as number) * 2;
  },
});

const sumUp: OpenTransform = (state) => {
  const store = state.open('sum', createJsonCodec<number>());
  const emit = (rows: Rows): void => {
    const row = rows.append(-1);
    rows.values(0)[row] = 'sum';
    rows.values(1)[row] = 'room';
    rows.numbers(2)[row] = 1_000;
    rows.numbers(valueSlot)[row] = store.get('room') ?? 0;
  };
  return {
    process(rows) {
      for (let row = 0; row < rows.inputs; row += 1) {
        store.set('room', (store.get('room') ?? 0) + (rows.numbers(valueSlot)[row] as number));
        rows.fate[row] = rowFate.absorbed;
      }
    },
    tick: (rows) => emit(rows),
  };
};

test('what is written anew does not carry on the name of the schema that it came with', async () => {
  const names = ['__key_schema_id', '__value_schema_id', 'origin'];
  const batch = { ...batchOf(['1']), headers: () => names.map((name): Header => [name, utf8.encode('x')]) };
  const kept = async (more: Partial<StageParts>): Promise<string[]> => {
    const delivery = await (await openTask([], more)).process(batch);
    return (delivery.outputs[0]?.headers ?? []).map(([name]) => name).filter((name) => names.includes(name));
  };
  expect(await kept({})).toEqual(['__key_schema_id', 'origin']);
  expect(await kept({ stampsInputs: false })).toEqual(['__key_schema_id', 'origin']);
  expect(await kept({ rekeys: true })).toEqual(['origin']);
});

test('a header that names the schema goes with what the encoder wrote, and with nothing else', async () => {
  const schemaHeader: Header = ['__value_schema_id', utf8.encode('new')];
  const came: readonly Header[] = [['__value_schema_id', utf8.encode('old')]];
  const batch = { ...batchOf(['1', 'wrong', '2']), headers: () => came };
  const named = ({ outputs }: Delivery): unknown[] =>
    outputs.map(({ route, headers }) => [
      route,
      ...headers.filter(([name]) => name === '__value_schema_id').map(([, value]) => text.decode(value ?? utf8.encode('none'))),
    ]);
  const expected = [
    ['main', 'new'],
    ['dead', 'old'],
    ['main', 'new'],
  ];
  for (const stampsInputs of [true, false])
    expect(named((await (await openTask([], { schemaHeader, stampsInputs })).process(batch)) as Delivery)).toEqual(expected);
  const ticked = await (await openTask([sumUp], { schemaHeader })).tick({ nowMs: 9_000 } as never, 1);
  expect(named(ticked as Delivery)).toEqual([['main', 'new']]);
});

test('a decoder that wants it is given the headers; a dead letter keeps the payload as it came', async () => {
  const decoder = createNumberDecoder();
  const framed: Decoder['framed'] = (payload, headers) =>
    utf8.encode(`${text.decode(payload)}${headers.map(([name]) => name).includes('origin') ? '5' : 'x'}`);
  const task = await openTask([], { decoder: { ...decoder, framed } });
  const delivery = await task.process(batchOf(['1', 'wrong']));
  expect(payloadsOf(delivery)).toEqual(['15']);
  expect(payloadsOf(delivery, 'dead')).toEqual(['wrong']);
  expect(delivery.refusals.map(({ problem }) => problem.message)).toEqual(['expected a number, got wrong5']);
});

describe('a compiled stage', () => {
  test('decodes, transforms and encodes, stamps what it forwards, and counts one fate a row', async () => {
    const task = await openTask([double]);
    const delivery = (await task.process(batchOf(['1', 'x', null, '4']))) as Delivery;
    expect(payloadsOf(delivery)).toEqual(['2', '8']);
    expect(delivery).toMatchObject({ from: 100, to: 104, fates: { forwarded: 2, rejected: 1, dropped: 1 } });
    const headers = delivery.outputs[0]?.headers ?? [];
    expect([headers[0]?.[0], stampedId(headers), stampedTimeMs(headers)]).toEqual(['origin', 'numbers/0/100', 5_000]);
  });

  test('a poison row goes to the dead letters with its own bytes, at its place among the outputs', async () => {
    const task = await openTask([double]);
    const delivery = (await task.process(batchOf(['1', 'x']))) as Delivery;
    expect(payloadsOf(delivery, 'dead')).toEqual(['x']);
    expect(delivery.refusals).toMatchObject([{ position: 101, problem: { code: 'test.malformed' } }]);
  });

  test('waits for a schema and then loses and reorders nothing', async () => {
    const task = await openTask([double]);
    const delivery = await task.process(batchOf(['1', 'later:2', '3', 'later:4']));
    expect(payloadsOf(delivery)).toEqual(['2', '4', '6', '8']);
  });

  test('an outage while decoding is not poison: it ends the batch and rejects no row', async () => {
    const task = await openTask([], {
      decoder: {
        prepare: () => null,
        decode: () => {
          throw away('the registry does not answer');
        },
      },
    });
    expect(() => task.process(batchOf(['1']))).toThrow('the registry does not answer');
  });

  test('state goes out as changes and comes back by restoring them', async () => {
    const first = (await (await openTask([sumUp])).process(batchOf(['1', '2']))) as Delivery;
    expect(first.fates.absorbed).toBe(2);
    const task = await openTask([sumUp], { restored: first.changes });
    await task.process(batchOf(['4'], 102));
    const ticked = task.tick({ nowMs: 9_000, caughtUpAtMs: null }, 103);
    expect(ticked).toMatchObject({ from: 103, to: 103 });
    expect(payloadsOf(ticked as Delivery)).toEqual(['7']);
  });

  test('rows that a tick appends go through the transforms that follow', async () => {
    const task = await openTask([sumUp, double]);
    await task.process(batchOf(['5']));
    expect(payloadsOf(task.tick({ nowMs: 9_000, caughtUpAtMs: null }, 101) as Delivery)).toEqual(['10']);
  });

  test('an encoder is prepared once for a batch and for a tick, when rows are what they will be, and waited for', async () => {
    const preparedFor: number[] = [];
    const waiting: Encoder = {
      prepare: async (rows) => {
        await Promise.resolve();
        preparedFor.push(rows.numbers(valueSlot)[rows.length - 1] as number);
      },
      encode: (rows, row) => utf8.encode(`${preparedFor.length}/${rows.numbers(valueSlot)[row]}`),
    };
    const task = await openTask([double], { encoder: waiting });
    expect(payloadsOf(await task.process(batchOf(['1', '2'])))).toEqual(['1/2', '1/4']);
    const summing = await openTask([sumUp, double], { encoder: waiting });
    await summing.process(batchOf(['5']));
    const ticked = await summing.tick({ nowMs: 9_000, caughtUpAtMs: null }, 101);
    expect(payloadsOf(ticked as Delivery)).toEqual(['3/10']);
    expect(preparedFor).toEqual([4, 5, 10]);
  });

  test('headers of a record that is stamped already stay as they came', async () => {
    const task = await openTask([], { stampsInputs: false });
    const delivery = (await task.process(batchOf(['1']))) as Delivery;
    expect(delivery.outputs[0]?.headers.map(([name]) => name)).toEqual(['origin']);
  });
});

describe('an output that does not fit what is written', () => {
  const narrow: Encoder = {
    encode: (rows, row) => {
      const value = rows.numbers(valueSlot)[row] as number;
      if (value > 100) throw malformed(`expected at most 100, got ${value}`);
      return utf8.encode(String(value));
    },
  };

  test('rejects its row, which goes to the dead letters as it came, and the others flow', async () => {
    const task = await openTask([double], { encoder: narrow });
    const delivery = (await task.process(batchOf(['1', '70', '3']))) as Delivery;
    expect([payloadsOf(delivery), payloadsOf(delivery, 'dead')]).toEqual([['2', '6'], ['70']]);
    expect(delivery).toMatchObject({
      fates: { forwarded: 2, rejected: 1 },
      refusals: [{ position: 101, problem: { code: 'test.malformed' } }],
    });
  });

  test('of a timer is a dead letter without a payload, at the position of the tick', async () => {
    const task = await openTask([sumUp], { encoder: narrow });
    await task.process(batchOf(['101']));
    const ticked = task.tick({ nowMs: 9_000, caughtUpAtMs: null }, 101) as Delivery;
    expect(ticked.outputs).toMatchObject([{ route: 'dead', id: 'sum', payload: null, cause: -1 }]);
    const headers = new Map(ticked.outputs[0]?.headers.map(([name, value]) => [name, text.decode(value ?? new Uint8Array())]));
    expect([headers.get('penstock_code'), headers.get('penstock_position')]).toEqual(['test.malformed', '101']);
  });

  test('an outage while encoding is not poison', async () => {
    const encoder: Encoder = {
      encode: () => {
        throw away('nobody there');
      },
    };
    const task = await openTask([], { encoder });
    expect(() => task.process(batchOf(['1']))).toThrow('nobody there');
  });
});

test('what a later step rejects of a timer is no less a dead letter', async () => {
  const refuseAll: OpenTransform = () => ({
    process(rows) {
      for (let row = rows.inputs; row < rows.length; row += 1) rows.reject(row, malformed('not this one'));
    },
  });
  const task = await openTask([sumUp, refuseAll]);
  await task.process(batchOf(['5']));
  expect(payloadsOf(task.tick({ nowMs: 9_000, caughtUpAtMs: null }, 101) as Delivery, 'dead')).toEqual(['5']);
});

describe('what a source adds', () => {
  test('refuses a row before it is decoded, and fills columns after', async () => {
    const tooLarge = defineProblem({ code: 'test.too-large', status: 'OUT_OF_RANGE', remedy: 'reject' });
    const task = await openTask([], {
      intake: {
        refusal: (_batch, row) => (row === 0 ? tooLarge('20 MB') : null),
        fill: (_batch, rows, row) => {
          rows.numbers(valueSlot)[row] = (rows.numbers(valueSlot)[row] as number) + 1;
        },
      },
    });
    const delivery = (await task.process(batchOf(['not a number', '2']))) as Delivery;
    expect(delivery.refusals.map(({ problem }) => problem.code)).toEqual(['test.too-large']);
    expect(
      delivery.outputs.filter(({ route }) => route === 'main').map(({ payload }) => text.decode(payload as Uint8Array)),
    ).toEqual(['3']);
  });

  test('a computed key takes the place of the one that came, and a new stamp that of an old one', async () => {
    const facts = { id: () => 'new', key: () => 'computed', timeMs: () => 1_000 };
    const task = await openTask([], { facts, rekeys: true });
    const came = batchOf(['1']);
    const stamped = {
      ...came,
      headers: (): readonly Header[] => [
        ['ce_id', utf8.encode('old')],
        ['origin', utf8.encode('test')],
      ],
    };
    const [output] = ((await task.process(stamped)) as Delivery).outputs;
    expect(text.decode(output?.key as Uint8Array)).toBe('computed');
    expect(output?.headers.filter(([name]) => name === 'ce_id').map(([, value]) => text.decode(value as Uint8Array))).toEqual([
      'new',
    ]);
  });
});
