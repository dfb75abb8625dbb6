import {
  ensureTopics,
  type FetchedRecord,
  type Following,
  followTopic,
  type Kafka,
  type TopicDeclaration,
} from '@penstock/kafka';
import type { Problem, Random } from '@penstock/kernel';
import { CatchUp } from './catch-up.ts';
import { Intake } from './intake.ts';
import type { Change, LogRecord, Topics } from './records.ts';
import { ReplayGarbage } from './replay-garbage.ts';
import type { State } from './state.ts';
import { type Decide, Writer } from './writer.ts';

export interface GatewayLogOptions {
  readonly topics: Topics;
  readonly signal: AbortSignal;
  readonly random: Random;
  /** A record that this build cannot read: it is passed over. */
  unreadable(record: LogRecord, problem: Problem): void;
  /** Kafka is away, and is waited for. */
  waiting(problem: Problem): void;
}

/** The topics of truth: what they say, and the one way to change it. */
export interface GatewayLog extends AsyncDisposable {
  /** What is durable and was read back. */
  readonly state: State;
  /** Decides against everything earlier, stores, and resolves when it was read back. See `Writer`. */
  change<Answer>(decide: Decide<Answer>, signal: AbortSignal): Promise<Answer>;
  /** Resolves when all that was stored before the call was read. See `CatchUp`. */
  catchUp(): Promise<void>;
  /** Grows with each record that is taken in: what was found out before may not hold any more. */
  readonly changes: number;
  /** Calls the listener after each record that changed something; answers how to stop that. */
  onChange(listener: (change: Change) => void): () => void;
  /** Rejects when a topic can be followed no longer. */
  readonly ended: Promise<void>;
  /** Since when it may be that others have written what is not known here, by Kafka's clock. */
  readonly answeredMs: number;
}

/** A schema of the largest size, with all of it escaped, goes into a record. */
export const recordBytesMax = 8_388_608;

/** Creates the topics where they are missing, and resolves when all that is in them has been taken in. */
export async function openGatewayLog(kafka: Kafka, options: GatewayLogOptions): Promise<GatewayLog> {
  const { topics, signal } = options;
  const declared = Object.entries(topics).map(([name, topic]: [string, string]) => declarationOf(name as keyof Topics, topic));
  await ensureTopics(kafka, declared);
  await using opened = new AsyncDisposableStack();
  const intake = new Intake(options.unreadable);
  const garbage = new ReplayGarbage();
  const follow = async (name: keyof Topics, topic: string): Promise<Following> => {
    const apply = (record: FetchedRecord): void => {
      takeIn(intake, name, record);
      garbage.add(record.value?.length ?? 0);
    };
    const { random, waiting } = options;
    return opened.use(await followTopic(kafka, { topic, signal, apply, random, waiting }));
  };
  const followings = [await follow('schemas', topics.schemas), await follow('pipelines', topics.pipelines)];
  if (topics.keys !== undefined) followings.push(await follow('keys', topics.keys));
  garbage[Symbol.dispose]();
  const ended = Promise.all(followings.map((following) => following.ended)).then(() => undefined);
  ended.catch(() => undefined); // told to whoever listens
  const sync = async (): Promise<void> => {
    await Promise.all(followings.map((following) => following.sync()));
  };
  const writer = opened.use(new Writer({ ...options, kafka, intake, ended, sync }));
  const misses = new CatchUp(sync, kafka.clock);
  const closing = opened.move();
  return {
    state: intake.state,
    change: (decide, within) => writer.change(decide, within),
    catchUp: () => misses.done(),
    get changes() {
      return intake.changes;
    },
    onChange: (listener) => intake.listen(listener),
    ended,
    get answeredMs() {
      return Math.min(...followings.map(({ answeredMs }) => answeredMs));
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** What is true now is compacted; what happened is kept, for as long as whoever runs the broker says. */
function declarationOf(name: keyof Topics, topic: string): TopicDeclaration {
  const cleanup = name === 'audit' ? 'delete' : 'compact';
  return { topic, partitions: 1, cleanup, retentionMs: -1, batchBytesMax: recordBytesMax };
}

const text = new TextDecoder();

function takeIn(intake: Intake, topic: keyof Topics, { key, value, offset, timestampMs }: FetchedRecord): void {
  if (key === null) return;
  const place = { offset, atMs: timestampMs };
  intake.apply({ topic, key: text.decode(key), value: value === null ? null : text.decode(value), place });
}
