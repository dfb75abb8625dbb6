import { ensureTopics, type Following, followTopic, type Kafka, openKafkaSink } from '@penstock/kafka';
import { messageOf, Problem, type Random } from '@penstock/kernel';
import { Backoff, createFateCounts, fenced, type Output } from '@penstock/pipeline';
import { Catalogue, type CatalogueRecord } from './catalogue.ts';
import { writersInTheWay } from './problems.ts';

/** The topic that holds the catalogue of a platform. */
export const modelsTopic = 'penstock.models';

export interface OpenCatalogueOptions {
  readonly signal: AbortSignal;
  readonly topic?: string;
  /** A record that this build cannot read: it is passed over. */
  unreadable?(key: string, reason: string): void;
  readonly random?: Random;
}

/** The catalogue as it is now, and the one way to change it. */
export interface OpenCatalogue extends AsyncDisposable {
  readonly catalogue: Catalogue;
  /** Resolves when everything that was stored before the call has been taken in. */
  sync(): Promise<void>;
  /**
   * Stores what `prepare` makes of the catalogue, all of it or nothing, and resolves when it has been read back. No other writer
   * comes between reading and storing: whoever is overtaken reads and prepares anew, so `prepare` may be called more than once.
   */
  write(prepare: (catalogue: Catalogue) => readonly CatalogueRecord[]): Promise<void>;
  /** Calls the listener after each record that was taken in; answers how to stop that. */
  onChange(listener: (key: string) => void): () => void;
  /** Rejects when the topic can be followed no longer. */
  readonly ended: Promise<void>;
}

/** Creates the topic where it is missing, and resolves when all that is in it has been taken in. */
export async function openCatalogue(kafka: Kafka, options: OpenCatalogueOptions): Promise<OpenCatalogue> {
  const { topic = modelsTopic, signal } = options;
  await ensureTopics(kafka, [{ topic, partitions: 1, cleanup: 'compact', retentionMs: -1 }]);
  const intake = new Intake(options);
  const following = await followTopic(kafka, {
    topic,
    signal,
    apply: ({ key, value }) => intake.apply(key, value),
    ...(options.random === undefined ? {} : { random: options.random }),
  });
  const write = createWriter(kafka, { topic, signal, intake, following, random: options.random ?? Math.random });
  return {
    catalogue: intake.catalogue,
    sync: () => following.sync(),
    write,
    onChange: (listener) => intake.listen(listener),
    ended: following.ended,
    [Symbol.asyncDispose]: () => following[Symbol.asyncDispose](),
  };
}

const text = new TextDecoder();

/** What comes from the topic: into the catalogue, and to whoever waits for it. */
class Intake {
  readonly catalogue = new Catalogue();
  readonly #options: OpenCatalogueOptions;
  readonly #listeners = new Set<(key: string) => void>();
  readonly #awaited = new Set<{ readonly key: string; readonly value: Buffer; arrived(): void }>();

  constructor(options: OpenCatalogueOptions) {
    this.#options = options;
  }

  apply(keyBytes: Uint8Array | null, value: Uint8Array | null): void {
    if (keyBytes === null || value === null) return;
    const key = text.decode(keyBytes);
    try {
      this.catalogue.apply({ key, value });
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      this.#options.unreadable?.(key, messageOf(thrown));
    }
    for (const awaited of this.#awaited) if (awaited.key === key && awaited.value.equals(value)) awaited.arrived();
    for (const listener of this.#listeners) listener(key);
  }

  listen(listener: (key: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Call it before storing. */
  arrivalOf({ key, value }: CatalogueRecord): Arrival {
    const { promise, resolve } = Promise.withResolvers<void>();
    const awaited = {
      ...{ key, value: Buffer.from(value), isThere: false },
      arrived(): void {
        awaited.isThere = true;
        resolve();
      },
    };
    this.#awaited.add(awaited);
    return {
      arrived: promise,
      isThere: () => awaited.isThere,
      [Symbol.dispose]: () => void this.#awaited.delete(awaited),
    };
  }
}

/** A record that was sent, and whether it came back. */
interface Arrival extends Disposable {
  readonly arrived: Promise<void>;
  isThere(): boolean;
}

interface WriterParts {
  readonly topic: string;
  readonly signal: AbortSignal;
  readonly intake: Intake;
  readonly following: Following;
  readonly random: Random;
}

const attemptsMax = 20;
const waits = { firstMs: 100, maxMs: 2_000, stableMs: 30_000 };
/** A commit is read back in milliseconds: by then Kafka is away, or holds it back. */
const readBackMsMax = 2_000;

/**
 * Writers take turns by a transactional id that all of them share (KIP-98): claiming it fences whoever held it and ends their
 * transaction, so that what is read after the claim is what the transaction builds on. One call of a process at a time.
 */
function createWriter(kafka: Kafka, parts: WriterParts): OpenCatalogue['write'] {
  const turn = async (prepare: (catalogue: Catalogue) => readonly CatalogueRecord[]): Promise<void> => {
    const backoff = new Backoff(waits, parts.random);
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (await writeOnce(kafka, parts, prepare)) return;
      } catch (thrown) {
        if (!fenced.caused(thrown)) throw thrown;
        if (attempt === attemptsMax) throw writersInTheWay(`${parts.topic}: ${attemptsMax} times another writer was faster`);
        await kafka.clock.sleep(backoff.afterFailure(kafka.clock.nowMs()), parts.signal);
        parts.signal.throwIfAborted();
      }
    }
  };
  let earlier: Promise<unknown> = Promise.resolve();
  return (prepare) => {
    const mine = earlier.then(() => turn(prepare));
    earlier = mine.catch(() => undefined); // told to its own caller
    return mine;
  };
}

/** False when it turned out that nothing was stored. */
async function writeOnce(
  kafka: Kafka,
  parts: WriterParts,
  prepare: (catalogue: Catalogue) => readonly CatalogueRecord[],
): Promise<boolean> {
  const { topic, signal, intake, following } = parts;
  const lane = `${topic}/0`;
  await using sink = openKafkaSink(kafka, {
    pipeline: 'penstock',
    stage: 'catalogue',
    groupId: `${topic}.writers`,
    routes: new Map([['main', { topic, partitions: 1 }]]),
    changelog: null,
    limits: { transactionMs: 0 },
  });
  const claim = await sink.claim(lane, signal);
  await following.sync();
  const records = prepare(intake.catalogue);
  const last = records.at(-1);
  if (last === undefined) return true;
  using arrival = intake.arrivalOf(last);
  const delivery = { lane, from: 0, to: 0, outputs: records.map(outputOf), changes: [], fates: createFateCounts(), refusals: [] };
  await claim.deliver(delivery, async ([refusal]) => Promise.reject(refusal?.problem), signal);
  return await readBack(kafka, arrival, { ...parts, claimAnew: () => sink.claim(lane, signal) });
}

/** What is stored and does not come back may hang behind a marker that was never written: a new claim ends it, and then it is known. */
async function readBack(
  kafka: Kafka,
  { arrived, isThere }: Arrival,
  { signal, following, claimAnew }: WriterParts & { readonly claimAnew: () => Promise<unknown> },
): Promise<boolean> {
  for (;;) {
    const inTime = new AbortController();
    await Promise.race([arrived, following.ended, kafka.clock.sleep(readBackMsMax, inTime.signal)]);
    inTime.abort();
    signal.throwIfAborted();
    if (isThere()) return true;
    try {
      await claimAnew();
      await following.sync();
      return isThere();
    } catch (thrown) {
      if (!(thrown instanceof Problem) || thrown.remedy !== 'retry' || fenced.caused(thrown)) throw thrown;
    }
  }
}

const utf8 = new TextEncoder();

function outputOf({ key, value }: CatalogueRecord): Output {
  return { id: key, route: 'main', key: utf8.encode(key), payload: value, headers: [], eventTimeMs: 0, cause: -1 };
}
