import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openPlatform } from '../platform/open-platform.ts';
import { sentenceOf } from '../platform/platform-event.ts';
import type { Calendar } from './calendar.ts';
import { EndToEnd } from './end-to-end.ts';
import type { ObservationOrder } from './observe.ts';
import type { Pace } from './pace.ts';
import { reportOf } from './report.ts';
import { openSpanFile } from './span-file.ts';
import { Story } from './story.ts';
import { chooseTrace } from './trace-choice.ts';

export interface OnceOptions extends ObservationOrder {
  /** Erased before and after, unless it is kept. */
  readonly folder: string;
  readonly keep: boolean;
  readonly shifted: boolean;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/** One in so many traces is exported: enough to look at, too few to slow anything down. */
const sampledShare = 0.02;

/** Fast through the weeks of training, slower from the change on, so that its consequences fall into the same day. */
export function pacesOfOnce({ shiftFromMs }: Calendar): Pace[] {
  return [
    { fromMs: 0, minutesPerSecond: 75 },
    { fromMs: shiftFromMs, minutesPerSecond: 24 },
  ];
}

/** The whole demo to the end of its data in a folder of its own, then the account of it. Answers the exit code. */
export async function runOnce(options: OnceOptions): Promise<{ report: object; code: number }> {
  const { folder, tell, signal, shifted } = options;
  const startedAt = performance.now();
  const at = (line: string): void => tell(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
  rmSync(folder, { recursive: true, force: true });
  await using spans = await openSpanFile(join(folder, 'spans.ndjson'));
  const platform = await openPlatform({
    folder,
    ports: 'any',
    by: 'process',
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: spans.endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: String(sampledShare),
    },
    said: (event) => at(sentenceOf(event)),
    signal,
  });
  try {
    await using story = new Story({ ...options, platform, said: at, paces: pacesOfOnce });
    at(story.source.says);
    await using endToEnd = new EndToEnd(story.acknowledgedFile, story.tables);
    await story.run();
    at('counting from outside');
    const trace = chooseTrace(spans.file, join(folder, 'trace.json'));
    const wallSeconds = (performance.now() - startedAt) / 1_000;
    const { report, holds } = await reportOf({ platform, story, endToEnd, shifted, trace, wallSeconds });
    return { report, code: holds && !signal.aborted ? 0 : 1 };
  } finally {
    await platform.stop();
    if (!options.keep) for (const part of ['brokers', 'services']) rmSync(join(folder, part), { recursive: true, force: true });
  }
}
