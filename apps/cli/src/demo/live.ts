import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { systemClock } from '@penstock/kernel';
import { openPlatform, type Platform } from '../platform/open-platform.ts';
import { sentenceOf } from '../platform/platform-event.ts';
import { type ServiceName, serviceNames } from '../platform/service-list.ts';
import type { Calendar } from './calendar.ts';
import { goodbye } from './goodbye.ts';
import { judge, labelsByMinute, type PhaseReport, phasesOf } from './judging.ts';
import type { ObservationOrder } from './observe.ts';
import type { Pace } from './pace.ts';
import { rooms } from './rooms.ts';
import { openScreen, type Screen } from './screen.ts';
import { modelInputs, readLabels } from './stored-predictions.ts';
import { Story } from './story.ts';
import { servedBy } from './training.ts';
import { render, type Snapshot } from './view.ts';

export interface LiveOptions extends ObservationOrder {
  readonly folder: string;
  readonly shifted: boolean;
  readonly signal: AbortSignal;
  end(): void;
}

const frameMs = 250;
const judgeMs = 3_000;
const freezeMs = 20_000;
/** Rows that are on their way for longer than this while nothing moves any more are lost. */
const lostAfterMs = 60_000;

/** Slow enough to watch, fast enough to see what follows from what within minutes. */
export function pacesOfLive({ trainUntilMs, shiftFromMs }: Calendar): Pace[] {
  return [
    { fromMs: 0, minutesPerSecond: 60 },
    { fromMs: trainUntilMs, minutesPerSecond: 30 },
    { fromMs: shiftFromMs, minutesPerSecond: 16 },
  ];
}

/** The platform and its demo until somebody says goodbye. Answers the exit code. */
export async function runLive(options: LiveOptions): Promise<number> {
  const { folder, signal } = options;
  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1_000;
  const resumes = existsSync(join(folder, 'platform.json'));
  console.error(
    resumes ? `going on from what lies in ${folder}` : 'starting brokers and services; the first time they are downloaded',
  );
  const news: string[] = [];
  let screen: Screen | null = null;
  const platform = await openPlatform({
    folder,
    said: (event) => {
      const line = `${seconds().toFixed(1).padStart(6)} s  ${sentenceOf(event)}`;
      news.push(line);
      if (screen === null) console.error(line);
    },
    signal,
  });
  const said = (line: string): void => {
    news.push(`${seconds().toFixed(0).padStart(5)} s  ${line}`);
    if (!process.stdout.isTTY) console.error(news.at(-1));
  };
  const story = new Story({ ...options, platform, said, paces: pacesOfLive });
  const viewer = new Viewer({ platform, story, news, seconds, shifted: options.shifted, end: options.end });
  try {
    screen = process.stdout.isTTY ? openScreen({ key: (name) => viewer.key(name, said), interrupt: options.end }) : null;
    const telling = story.run().then(
      () => said('the data has come to its end; Ctrl-C says goodbye'),
      (thrown: unknown) => said(String(thrown)),
    );
    while (!signal.aborted) {
      await viewer.look();
      screen?.draw(render(viewer.snapshot(), screen.columns));
      await systemClock.sleep(frameMs, signal);
    }
    screen?.[Symbol.dispose]();
    screen = null;
    console.error('draining: what was taken in is settled first …');
    await telling;
  } finally {
    screen?.[Symbol.dispose]();
    await viewer.look();
    const lines = await goodbye({ platform, story, folder, seconds: seconds(), accuracy: viewer.accuracy });
    await story[Symbol.asyncDispose]();
    await platform.stop();
    for (const line of lines) console.error(line);
  }
  return 0;
}

interface ViewerParts {
  readonly platform: Platform;
  readonly story: Story;
  readonly news: readonly string[];
  readonly seconds: () => number;
  readonly shifted: boolean;
  end(): void;
}

/** What the screen shows, and what keys do. */
class Viewer {
  accuracy: PhaseReport[] = [];
  readonly #parts: ViewerParts;
  #judgedAt = Number.NEGATIVE_INFINITY;
  #stillSince = performance.now();
  #archivedBefore = 0;
  #victim = 0;

  constructor(parts: ViewerParts) {
    this.#parts = parts;
  }

  key(name: string, said: (line: string) => void): void {
    if (name === 'k') void this.#kill(said);
    if (name === 'f') void this.#freeze(said);
    if (name === 's') this.#parts.story.shiftNow();
    if (name === 'q') this.#parts.end();
  }

  async #kill(said: (line: string) => void): Promise<void> {
    const name = serviceNames[this.#victim % serviceNames.length] as ServiceName;
    this.#victim += 1;
    said(`you killed ${name}`);
    await this.#parts.platform.service(name).kill();
  }

  async #freeze(said: (line: string) => void): Promise<void> {
    const { kafka } = this.#parts.platform.brokers;
    said(`Kafka is frozen for ${freezeMs / 1_000} s`);
    await kafka.freeze();
    await systemClock.sleep(freezeMs);
    await kafka.thaw();
    said('Kafka goes on');
  }

  /** Judges now and then what is stored; everything else is looked at by the story itself. */
  async look(): Promise<void> {
    if (performance.now() - this.#judgedAt < judgeMs) return;
    this.#judgedAt = performance.now();
    const { story, shifted } = this.#parts;
    if (!existsSync(story.acknowledgedFile)) return;
    const predictions = await story.tables.predictions().catch(() => []);
    const successor = predictions.find(
      ({ modelVersion, windowStartMs }) => modelVersion > 1 && windowStartMs >= story.calendar.shiftFromMs,
    );
    const phases = phasesOf(story.calendar, { shifted, promotedMs: successor?.windowStartMs ?? null });
    const { trainUntilMs } = story.calendar;
    this.accuracy = judge(predictions, labelsByMinute(readLabels(story.acknowledgedFile)), {
      phases,
      trainUntilMs,
      inputs: modelInputs,
    });
  }

  snapshot(): Snapshot {
    const { story, news, seconds } = this.#parts;
    const { progress, sample, archived, model } = story;
    const acknowledged = story.readingsAcknowledged;
    if (archived !== this.#archivedBefore) this.#stillSince = performance.now();
    this.#archivedBefore = archived;
    const missing = Math.max(0, acknowledged - archived);
    const isLost = sample.caughtUp && performance.now() - this.#stillSince > lostAfterMs;
    const version = servedBy(model);
    const until = model?.versions.find((each) => each.version === version)?.dataset?.trainedUntilMs;
    return {
      says: story.source.says,
      clockMs: progress.atMs === 0 ? null : progress.atMs,
      seconds: seconds(),
      ledger: {
        acknowledged,
        stored: archived,
        inFlight: isLost ? 0 : missing,
        lost: isLost ? missing : 0,
        refused: sample.refused,
      },
      stages: sample.views,
      model: {
        version: version === 0 ? null : version,
        trainedUntilMs: until === undefined ? null : Number(until),
        moves: model?.moves.length ?? 0,
      },
      accuracy: this.accuracy.map(({ phase, rows, balancedAccuracy }) => ({ phase, rows, balanced: balancedAccuracy })),
      news,
      hint: hintOf(story),
      keys: 'k kill a service   f freeze Kafka for 20 s   s cover the light sensors   Ctrl-C drain and say goodbye',
    };
  }
}

/** A command to copy, with an id that exists. */
function hintOf(story: Story): string {
  const first = story.source.observations[0];
  const done = Math.max(1, Math.floor(story.archived / 8));
  return first === undefined
    ? 'npx penstock status'
    : `npx penstock trace ${first.room}-co2/${done}   ${styleText('dim', `pipeline ${rooms.pipeline}`)}`;
}
