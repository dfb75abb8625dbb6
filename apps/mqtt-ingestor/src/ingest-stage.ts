import type { ingest } from '@penstock/contracts';
import type { StagePlan } from '@penstock/document';
import { type Kafka, openAcknowledgedSink, type RouteTarget } from '@penstock/kafka';
import type { Clock, Problem } from '@penstock/kernel';
import {
  type Claim,
  createStage,
  type Delivery,
  type Header,
  type Intake,
  type Output,
  type Sink,
  type StageParts,
  type Task,
} from '@penstock/pipeline';
import { compileStage, createOutputEncoder, schemaOf } from '@penstock/runner';
import { createDecoder, createJsonReadingDecoder, type RuleExecutor } from '@penstock/schema';
import { RecordBatch, RecordDecoder, refusalOf } from './record-batch.ts';

export interface IngestStageParts {
  readonly plan: StagePlan;
  readonly pipelineVersion: string;
  readonly to: RouteTarget;
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly executors?: readonly RuleExecutor[];
  /** What must be over before the first record of this stage is sent. */
  readonly after: Promise<unknown>;
}

export interface PublishOptions {
  readonly trace: Header | null;
  readonly signal: AbortSignal;
}

/** Records handed over in their order, and what becomes of them. */
interface HandedOver {
  readonly outcomes: Promise<ingest.Outcome[]>;
}

/**
 * A stage that reads from MQTT, as a place to publish to. A record goes the same way as one that comes by MQTT, except that a
 * refusal goes to the caller and not to the dead letters.
 */
export class IngestStage implements AsyncDisposable {
  readonly plan: StagePlan;
  readonly #parts: IngestStageParts;
  readonly #lane: string;
  readonly #decoder: RecordDecoder;
  readonly #sink: Sink;
  readonly #closing = new AbortController();
  readonly #outstanding = new Set<Promise<unknown>>();
  #task: Promise<Task> | null = null;
  #claim: Promise<Claim> | null = null;
  #turn: Promise<unknown>;
  #next: number;

  /** Throws what compiling throws. */
  constructor(parts: IngestStageParts) {
    const { plan, to, kafka, clock, after } = parts;
    this.plan = plan;
    this.#parts = parts;
    this.#lane = `grpc/${plan.pipeline}.${plan.name}`;
    this.#decoder = createRecordDecoder(plan);
    this.#sink = openAcknowledgedSink(kafka, { routes: new Map([['main', to]]) });
    this.#turn = after;
    this.#next = clock.nowMs() * 1_000;
  }

  /**
   * Resolves when each record is in Kafka or refused, one outcome for each. Rejects with a problem when that cannot be told; then
   * any of them may be stored.
   */
  publish(records: readonly ingest.Record[], options: PublishOptions): Promise<ingest.Outcome[]> {
    const handed = this.#turn.then(() => this.#handOver(records, options));
    this.#turn = handed.catch(() => undefined); // told by `outcomes`
    const outcomes = handed.then((each) => each.outcomes);
    this.#outstanding.add(outcomes);
    outcomes.catch(() => undefined).finally(() => this.#outstanding.delete(outcomes));
    return outcomes;
  }

  /** Resolves when all that was handed over is answered. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#outstanding);
  }

  /** Gives up what is still under way: its calls reject. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    const claim = await this.#claim?.catch(() => null);
    await claim?.[Symbol.asyncDispose]();
    await this.#sink[Symbol.asyncDispose]();
  }

  /** One request after the other, so that the order of requests is the order in Kafka; storing them overlaps. */
  async #handOver(records: readonly ingest.Record[], { trace, signal }: PublishOptions): Promise<HandedOver> {
    signal.throwIfAborted();
    const { clock } = this.#parts;
    const task = await this.#openTask();
    const claim = await this.#openClaim();
    const batch = new RecordBatch(records, { lane: this.#lane, from: this.#next, arrivedAtMs: clock.nowMs(), trace });
    this.#next = batch.to;
    this.#decoder.take(batch);
    const delivery = await this.#process(task, batch);
    const outputs = delivery.outputs.filter(({ route }) => route === 'main');
    const refused = new Map(delivery.refusals.map(({ position, problem }) => [position - batch.from, problem]));
    const stored = claim.deliver(
      { ...delivery, outputs },
      async (tooLarge) => {
        for (const { output, problem } of tooLarge) refused.set((outputs[output] as Output).cause, problem);
      },
      this.#closing.signal,
    );
    stored.catch(() => void this.#letGo(claim));
    return { outcomes: stored.then(() => outcomesOf(records, { outputs, refused, topic: this.#parts.to.topic })) };
  }

  /** What a task that failed did to its state did not happen: the caller sends the records again, and they are no duplicates. */
  async #process(task: Task, batch: RecordBatch): Promise<Delivery> {
    try {
      return await task.process(batch);
    } catch (thrown) {
      this.#task = null;
      task[Symbol.dispose]();
      throw thrown;
    }
  }

  #openTask(): Promise<Task> {
    this.#task ??= createStage(compile(this.#parts, this.#decoder)).open(this.#lane, nothing());
    return this.#task;
  }

  #openClaim(): Promise<Claim> {
    if (this.#claim === null) {
      const opening = this.#sink.claim(this.#lane, this.#closing.signal);
      this.#claim = opening;
      opening.catch(() => {
        if (this.#claim === opening) this.#claim = null; // the next request tries again
      });
    }
    return this.#claim;
  }

  /** A claim that rejected once is spent. */
  async #letGo(spent: Claim): Promise<void> {
    const claim = await this.#claim?.catch(() => null);
    if (claim !== spent) return;
    this.#claim = null;
    await spent[Symbol.asyncDispose]();
  }
}

async function* nothing(): AsyncGenerator<never> {}

function createRecordDecoder({ input }: StagePlan): RecordDecoder {
  const { bindings, set } = input;
  // What is published was written under no rules yet.
  const { contract: _, ...schema } = schemaOf(input.schema);
  return new RecordDecoder({
    published: createJsonReadingDecoder(schema.shape, bindings, { set }),
    whole: createJsonReadingDecoder(schema.shape, bindings),
    protobuf: schema.format === 'PROTOBUF' ? createDecoder(schema, bindings) : null,
  });
}

function compile(parts: IngestStageParts, decoder: RecordDecoder): StageParts {
  const { plan, pipelineVersion, clock, executors } = parts;
  const recordOf = (batch: unknown, row: number): ingest.Record => (batch as RecordBatch).record(row);
  const end = {
    decoder,
    refusal: (batch: unknown, row: number): Problem | null => refusalOf(recordOf(batch, row), decoder.takesProtobuf),
    levels: (batch: unknown, row: number): readonly string[] => recordOf(batch, row).topic.split('/'),
  };
  const predictor = (model: string): never => {
    throw new TypeError(`model ${model}: an ingesting stage scores nothing`);
  };
  const encoder = createOutputEncoder(plan, executors);
  const stage = compileStage(plan, { source: end, encoder }, { clock, pipelineVersion, predictor });
  const { intake } = stage;
  if (intake === undefined || plan.levelsSlot === null) return stage;
  // What a topic would say, a record without one says itself.
  const fill: Intake['fill'] = (batch, rows, row) => {
    if (recordOf(batch, row).topic !== '') intake.fill(batch, rows, row);
  };
  return { ...stage, intake: { ...intake, fill } };
}

interface Fates {
  readonly outputs: readonly Output[];
  readonly refused: ReadonlyMap<number, Problem>;
  readonly topic: string;
}

function outcomesOf(records: readonly ingest.Record[], { outputs, refused, topic }: Fates): ingest.Outcome[] {
  const ids = new Map(outputs.map(({ cause, id }) => [cause, id]));
  return records.map((_, row) => {
    const problem = refused.get(row);
    const id = ids.get(row);
    if (problem !== undefined) return { result: { $case: 'refused', value: { code: problem.code, message: problem.message } } };
    if (id === undefined) return { result: { $case: 'dropped', value: {} } };
    return { result: { $case: 'stored', value: { id, topic } } };
  });
}
