import type { Clock } from '@penstock/kernel';
import type { Batch } from '../batch.ts';
import { type DeadLetterOrigin, deadLetterOfRow } from '../dead-letter.ts';
import { createFateCounts, type Delivery, type Output, type Refusal, type StateChange } from '../delivery.ts';
import type { Stage, Task, Tick } from '../stage.ts';
import { counted } from './judge.ts';
import type { RowKind, Scenario } from './scenario.ts';
import { malformed } from './world.ts';

const utf8 = new TextEncoder();
const text = new TextDecoder();

export const origin: DeadLetterOrigin = { pipeline: 'simulation', stage: 'count' };

/** A stage with every kind of fate, state that must be restored exactly, and output that only time brings. */
export function createCountingStage(scenario: Scenario, clock: Clock): Stage {
  return {
    name: origin.stage,
    async open(lane, restored) {
      const state = new Map<string, number>();
      for await (const change of restored) state.set(text.decode(change.key), Number(text.decode(change.value as Uint8Array)));
      return new CountingTask(lane, { scenario, clock, state });
    },
  };
}

class CountingTask implements Task {
  readonly #lane: string;
  readonly #scenario: Scenario;
  readonly #clock: Clock;
  readonly #state: Map<string, number>;

  constructor(lane: string, parts: { scenario: Scenario; clock: Clock; state: Map<string, number> }) {
    this.#lane = lane;
    this.#scenario = parts.scenario;
    this.#clock = parts.clock;
    this.#state = parts.state;
  }

  process(batch: Batch): Delivery | Promise<Delivery> {
    if (!this.#scenario.slowTransform) return this.#transform(batch);
    return this.#clock.sleep(3).then(() => this.#transform(batch));
  }

  #transform(batch: Batch): Delivery {
    const counts = createFateCounts();
    const outputs: Output[] = [];
    const refusals: Refusal[] = [];
    const changed = new Map<string, StateChange>();
    for (let row = 0; row < batch.length; row += 1) {
      const [device, sequence, kind] = text.decode(batch.payload(row) as Uint8Array).split(' ') as [string, string, RowKind];
      if (kind === 'poison') {
        const problem = malformed(`${device}/${sequence}`);
        outputs.push(deadLetterOfRow(origin, { batch, row }, problem));
        refusals.push({ position: batch.position(row), problem });
        counts.rejected += 1;
      } else if (kind === 'dropped') counts.dropped += 1;
      else if (kind === 'absorbed') {
        this.#add('open', changed);
        counts.absorbed += 1;
      } else {
        const running = counted({ kind }) && this.#scenario.flavour === 'ledger' ? this.#add(device, changed) : '-';
        outputs.push(createOutput(batch, row, `${device} ${sequence} ${running}${kind === 'refused' ? '!' : ''}`));
        counts.forwarded += 1;
      }
    }
    return { lane: batch.lane, from: batch.from, to: batch.to, outputs, changes: [...changed.values()], fates: counts, refusals };
  }

  tick({ nowMs }: Tick, position: number): Delivery | null {
    const open = this.#state.get('open') ?? 0;
    if (open === 0) return null;
    this.#state.set('open', 0);
    const aggregate = { route: 'main', key: null, headers: [], eventTimeMs: nowMs, cause: -1 };
    return {
      lane: this.#lane,
      from: position,
      to: position,
      outputs: [{ ...aggregate, id: `aggregate/${nowMs}`, payload: utf8.encode(String(open)) }],
      changes: [createChange('open', 0)],
      fates: createFateCounts(),
      refusals: [],
    };
  }

  #add(key: string, changed: Map<string, StateChange>): number {
    const value = (this.#state.get(key) ?? 0) + 1;
    this.#state.set(key, value);
    changed.set(key, createChange(key, value));
    return value;
  }

  [Symbol.dispose](): void {
    this.#state.clear();
  }
}

function createChange(key: string, value: number): StateChange {
  return { store: 'counts', key: utf8.encode(key), value: utf8.encode(String(value)) };
}

function createOutput(batch: Batch, row: number, payload: string): Output {
  const [device, sequence] = payload.split(' ');
  return {
    id: `${device}/${sequence}`,
    route: 'main',
    key: batch.key(row),
    payload: utf8.encode(payload),
    headers: batch.headers(row),
    eventTimeMs: batch.arrivedAtMs(row),
    cause: row,
  };
}
