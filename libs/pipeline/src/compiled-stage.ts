import { type Clock, type Decoder, type Encoder, type Field, Problem, Rows, rowFate, schemaHeaders } from '@penstock/kernel';
import type { Batch, Header } from './batch.ts';
import { type CloudEventKind, stampOf, unstamped } from './cloud-event.ts';
import { type DeadLetterOrigin, deadLetterOfOutput, deadLetterOfRow } from './dead-letter.ts';
import { createFateCounts, type Delivery, type Fate, type Output, type Refusal, type StateChange } from './delivery.ts';
import type { Stage, Task, Tick } from './stage.ts';
import { StateStores } from './state.ts';
import { factSlots, type LaneContext, type OpenTransform, type Transform } from './transform.ts';

/** How a stage knows a row of a batch: by expressions over its columns, by its headers, or by its position. */
export interface RowFacts {
  id(batch: Batch, rows: Rows, row: number): string;
  key(batch: Batch, rows: Rows, row: number): string;
  timeMs(batch: Batch, rows: Rows, row: number): number;
}

/** What a source knows of a row beyond its payload. */
export interface Intake {
  /** Why the source itself refuses a row; asked before it is decoded. */
  refusal(batch: Batch, row: number): Problem | null;
  /** Fills columns that payloads do not carry, after decoding. Throws a problem with remedy `reject` for a row that cannot be. */
  fill(batch: Batch, rows: Rows, row: number): void;
}

export interface StageParts {
  readonly origin: DeadLetterOrigin;
  readonly clock: Clock;
  /** All columns of the stage, the fact fields first. */
  readonly slots: readonly Field[];
  readonly decoder: Decoder;
  readonly facts: RowFacts;
  readonly intake?: Intake;
  /** True where keys are computed: outputs carry the computed key, not the bytes that came. */
  readonly rekeys?: boolean;
  readonly transforms: readonly OpenTransform[];
  readonly encoder: Encoder;
  /** What the outputs are in CloudEvents' words. */
  readonly event: CloudEventKind;
  /** False where rows of the batch leave as what they came as, stamp and all. A new stamp takes the place of an old one. */
  readonly stampsInputs: boolean;
  /** Names the schema of what the encoder writes; absent where its payloads do so themselves. */
  readonly schemaHeader?: Header;
}

const fateNames: readonly (Fate | undefined)[] = [
  'forwarded',
  'forwarded',
  'absorbed',
  'dropped',
  'late',
  'duplicate',
  'rejected',
];

const none: readonly Header[] = [];

/** A stage from its compiled parts: decode, transform in place, encode once. */
export function createStage(parts: StageParts): Stage {
  return {
    name: parts.origin.stage,
    async open(lane, restored) {
      const state = await StateStores.restore(restored);
      const transforms = parts.transforms.map((open) => open(state));
      return new StageTask(lane, { ...parts, state, opened: transforms });
    },
  };
}

interface TaskParts extends StageParts {
  readonly state: StateStores;
  readonly opened: readonly Transform[];
}

class StageTask implements Task {
  readonly #lane: string;
  readonly #parts: TaskParts;
  readonly #rows: Rows;
  readonly #notes = new Map<number, readonly Header[]>();

  constructor(lane: string, parts: TaskParts) {
    this.#lane = lane;
    this.#parts = parts;
    this.#rows = new Rows(parts.slots);
  }

  process(batch: Batch): Delivery | Promise<Delivery> {
    this.#rows.reset(batch.length);
    this.#notes.clear();
    const context = this.#context(batch);
    const decoding = this.#decode(batch, 0);
    const waiting = decoding === null ? this.#finish(context) : decoding.then(() => this.#finish(context) ?? undefined);
    return waiting === null ? this.#deliver(batch) : waiting.then(() => this.#deliver(batch));
  }

  tick(tick: Tick, position: number): Delivery | null | Promise<Delivery | null> {
    if (!this.#parts.opened.some((transform) => transform.tick)) return null;
    this.#rows.reset(0);
    this.#notes.clear();
    const context = this.#context(null);
    for (const [index, transform] of this.#parts.opened.entries()) {
      transform.tick?.(this.#rows, context, tick);
      this.#tickThrough(context, index + 1);
    }
    const prepared = this.#prepareOutputs();
    return prepared === null ? this.#deliverTick(position) : prepared.then(() => this.#deliverTick(position));
  }

  #deliverTick(position: number): Delivery | null {
    const changes = this.#parts.state.drain();
    const outputs = this.#outputs(null, position);
    if (outputs.length === 0 && changes.length === 0) return null;
    return { lane: this.#lane, from: position, to: position, outputs, changes, fates: createFateCounts(), refusals: [] };
  }

  [Symbol.dispose](): void {
    this.#notes.clear();
  }

  #context(batch: Batch | null): LaneContext {
    const notes = this.#notes;
    const annotate = (row: number, headers: readonly Header[]): void => {
      const earlier = notes.get(row);
      notes.set(row, earlier === undefined ? headers : [...earlier, ...headers]);
    };
    return { lane: this.#lane, batch, nowMs: this.#parts.clock.nowMs(), annotate };
  }

  /** Fills the columns from row `first` on; a promise only while a schema or a key is on its way. */
  #decode(batch: Batch, first: number): Promise<void> | null {
    for (let row = first; row < batch.length; row += 1) {
      const payload = this.#admit(batch, row);
      if (payload === null) continue;
      const waiting = this.#read(batch, row, payload);
      if (waiting !== null) return waiting.then(() => this.#decode(batch, row + 1) ?? undefined);
    }
    return null;
  }

  #read(batch: Batch, row: number, payload: Uint8Array): Promise<void> | null {
    try {
      const waiting = this.#parts.decoder.prepare(payload);
      if (waiting !== null) return waiting.then(() => this.#fill(batch, row, payload));
    } catch (thrown) {
      this.#refuse(row, thrown);
      return null;
    }
    this.#fill(batch, row, payload);
    return null;
  }

  #fill(batch: Batch, row: number, payload: Uint8Array): void {
    try {
      this.#parts.decoder.decode(payload, this.#rows, row);
      this.#parts.intake?.fill(batch, this.#rows, row);
      this.#establish(batch, row);
    } catch (thrown) {
      this.#refuse(row, thrown);
    }
  }

  /** The payload to decode; null where the row's fate is known without. */
  #admit(batch: Batch, row: number): Uint8Array | null {
    const refusal = this.#parts.intake?.refusal(batch, row) ?? null;
    if (refusal !== null) {
      this.#rows.reject(row, refusal);
      return null;
    }
    const payload = batch.payload(row);
    if (payload === null) this.#rows.fate[row] = rowFate.dropped; // a tombstone says nothing about a sensor
    const { decoder } = this.#parts;
    return payload === null || decoder.framed === undefined ? payload : decoder.framed(payload, batch.headers(row));
  }

  #establish(batch: Batch, row: number): void {
    const { facts } = this.#parts;
    const rows = this.#rows;
    rows.numbers(factSlots.timeMs)[row] = facts.timeMs(batch, rows, row);
    rows.values(factSlots.key)[row] = facts.key(batch, rows, row);
    rows.values(factSlots.id)[row] = facts.id(batch, rows, row);
  }

  #refuse(row: number, thrown: unknown): void {
    if (!(thrown instanceof Problem) || thrown.remedy !== 'reject') throw thrown;
    this.#rows.reject(row, thrown);
  }

  #transform(context: LaneContext, first: number): Promise<void> | null {
    const { opened } = this.#parts;
    for (let index = first; index < opened.length; index += 1) {
      const waiting = (opened[index] as Transform).process(this.#rows, context);
      if (waiting instanceof Promise) return waiting.then(() => this.#transform(context, index + 1) ?? undefined);
    }
    return null;
  }

  /** Rows that a timer appended go through the transforms that follow; these have no I/O (checked when the stage is compiled). */
  #tickThrough(context: LaneContext, first: number): void {
    if (this.#rows.length === 0) return;
    for (let index = first; index < this.#parts.opened.length; index += 1)
      void (this.#parts.opened[index] as Transform).process(this.#rows, context);
  }

  /** All that comes between decoding and encoding. */
  #finish(context: LaneContext): Promise<void> | null {
    const transforming = this.#transform(context, 0);
    return transforming === null ? this.#prepareOutputs() : transforming.then(() => this.#prepareOutputs() ?? undefined);
  }

  #prepareOutputs(): Promise<void> | null {
    return this.#parts.encoder.prepare?.(this.#rows) ?? null;
  }

  #deliver(batch: Batch): Delivery {
    const outputs = this.#outputs(batch, batch.from); // before fates are counted: a row that cannot be written is rejected
    const fates = createFateCounts();
    const refusals: Refusal[] = [];
    for (let row = 0; row < batch.length; row += 1) fates[fateNames[this.#rows.fate[row] as number] as Fate] += 1;
    for (const [row, problem] of this.#rows.problems)
      if (row < batch.length) refusals.push({ position: batch.position(row), problem });
    const changes: StateChange[] = this.#parts.state.drain();
    return { lane: batch.lane, from: batch.from, to: batch.to, outputs, changes, fates, refusals };
  }

  #outputs(batch: Batch | null, position: number): Output[] {
    const outputs: Output[] = [];
    const { fate } = this.#rows;
    for (let row = 0; row < this.#rows.length; row += 1) {
      if (fate[row] === rowFate.flowing) outputs.push(this.#main(batch, row, position));
      else if (fate[row] === rowFate.late && batch !== null) outputs.push(this.#asItCame(batch, row, 'late'));
      else if (fate[row] === rowFate.rejected) outputs.push(this.#deadLetter(batch, row, position));
    }
    return outputs;
  }

  #main(batch: Batch | null, row: number, position: number): Output {
    try {
      return this.#output(batch, row, this.#parts.encoder.encode(this.#rows, row));
    } catch (thrown) {
      this.#refuse(row, thrown); // it was read and computed, and does not fit what is written
      return this.#deadLetter(batch, row, position);
    }
  }

  #output(batch: Batch | null, row: number, payload: Uint8Array | null): Output {
    const rows = this.#rows;
    const own = batch !== null && row < rows.inputs;
    return {
      id: rows.values(factSlots.id)[row] as string,
      route: 'main',
      key: own && !this.#parts.rekeys ? batch.key(row) : Buffer.from(rows.values(factSlots.key)[row] as string),
      payload,
      headers: this.#headers(batch, row, own),
      eventTimeMs: rows.numbers(factSlots.timeMs)[row] as number,
      cause: rows.cause[row] as number,
    };
  }

  #headers(batch: Batch | null, row: number, own: boolean): readonly Header[] {
    const came = own && batch !== null ? this.#withoutSchemas(batch.headers(row)) : [];
    const noted = this.#noted(row);
    if (own && !this.#parts.stampsInputs) return noted.length === 0 ? came : [...came, ...noted];
    const id = this.#rows.values(factSlots.id)[row] as string;
    const timeMs = this.#rows.numbers(factSlots.timeMs)[row] as number;
    return [...unstamped(came), ...stampOf(this.#parts.event, id, timeMs), ...noted];
  }

  #noted(row: number): readonly Header[] {
    const noted = this.#notes.get(row) ?? none;
    const { schemaHeader } = this.#parts;
    return schemaHeader === undefined ? noted : [...noted, schemaHeader];
  }

  /** What is written anew names its schema itself. */
  #withoutSchemas(headers: readonly Header[]): readonly Header[] {
    const { rekeys = false } = this.#parts;
    const isStale = ([name]: Header): boolean => name === schemaHeaders.value || (rekeys && name === schemaHeaders.key);
    return headers.some(isStale) ? headers.filter((header) => !isStale(header)) : headers;
  }

  #asItCame(batch: Batch, row: number, route: string): Output {
    return {
      id: this.#rows.values(factSlots.id)[row] as string,
      route,
      key: batch.key(row),
      payload: batch.payload(row),
      headers: batch.headers(row),
      eventTimeMs: this.#rows.numbers(factSlots.timeMs)[row] as number,
      cause: row,
    };
  }

  #deadLetter(batch: Batch | null, row: number, position: number): Output {
    const { origin } = this.#parts;
    const problem = this.#rows.problems.get(row) as Problem;
    if (batch !== null && row < this.#rows.inputs) return deadLetterOfRow(origin, { batch, row }, problem);
    const output = this.#output(batch, row, this.#payloadIfAny(row));
    return deadLetterOfOutput(origin, { output, lane: this.#lane, position }, problem);
  }

  #payloadIfAny(row: number): Uint8Array | null {
    try {
      return this.#parts.encoder.encode(this.#rows, row);
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      return null;
    }
  }
}
