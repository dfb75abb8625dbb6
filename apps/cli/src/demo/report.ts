import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { models, retrain } from '@penstock/contracts';
import { openKafka } from '@penstock/kafka';
import type { Platform } from '../platform/open-platform.ts';
import { type EndToEnd, quantileOf } from './end-to-end.ts';
import { judge, labelsByMinute, type PhaseReport, type PredictionRow, phasesOf } from './judging.ts';
import { rooms } from './rooms.ts';
import { modelInputs, readLabels } from './stored-predictions.ts';
import type { Story } from './story.ts';
import { countDeadLetters, countTopics } from './topic-counts.ts';

/** What the outside audit prints. */
interface Audit {
  readonly readings: {
    acknowledged: number;
    rows: number;
    lost: number;
    duplicates: number;
    outOfOrder: number;
    unknown: number;
    examples: string[];
  };
  readonly windows: {
    expected: number;
    rows: number;
    missing: number;
    duplicates: number;
    writtenAgain: number;
    late: number;
    examples: string[];
  } | null;
  readonly holds: boolean;
}

export interface ReportParts {
  readonly platform: Platform;
  readonly story: Story;
  readonly endToEnd: EndToEnd;
  readonly shifted: boolean;
  readonly trace: string | null;
  readonly wallSeconds: number;
}

/** One run, counted from outside: nothing in here is a service's own count but latencies, runs and alarms. */
export async function reportOf(parts: ReportParts): Promise<{ report: object; holds: boolean; phases: PhaseReport[] }> {
  const { platform, story, shifted, trace, wallSeconds } = parts;
  const audit = await auditFromOutside(platform, story.acknowledgedFile);
  await using kafka = openKafka({ brokers: (platform.env['PENSTOCK_KAFKA'] ?? '').split(',') });
  const predictions = await story.tables.predictions();
  const phases = phasesIn(story, { predictions, shifted });
  const report = {
    source: story.source.says,
    published: story.progress.published,
    acknowledged: story.progress.acknowledged,
    topics: await countTopics(kafka, rooms.topics),
    rows: { readings: audit.readings.rows, predictions: predictions.length },
    lost: audit.readings.lost + (audit.windows?.missing ?? 0),
    duplicates: audit.readings.duplicates + (audit.windows?.duplicates ?? 0) + (audit.windows?.writtenAgain ?? 0),
    outOfOrder: audit.readings.outOfOrder,
    audit,
    deadLetters: await countDeadLetters(kafka, rooms.deadTopics),
    latencyMs: latenciesOf(parts),
    models: (story.model?.versions ?? []).map(versionOf),
    swaps: (story.model?.moves ?? []).map(({ from, to, reason, by }) => ({ from, to, reason, by })),
    runs: story.runs.map(runOf),
    modelInfer: { sent: story.asked?.sent ?? 0, failed: story.asked?.failed ?? 0, versions: story.asked?.versions ?? [] },
    corruptVersion: story.corrupt,
    schemaEvolution: story.evolution,
    driftAlarms: story.alarms.map(({ sinceDay, day, version, reason }) => ({ sinceDay, day, version, reason })),
    phases,
    wallSeconds,
    trace,
  };
  return { report, holds: audit.holds, phases };
}

/** Another program looks at the publisher's file, the tables and the late topic. */
async function auditFromOutside({ env }: Platform, acknowledgedFile: string): Promise<Audit> {
  const script = join(import.meta.dirname, '../../../e2e/src/main.ts');
  const from = ['--acknowledged', acknowledgedFile, '--postgres', env['POSTGRES_URL'] ?? ''];
  const late = ['--kafka', env['PENSTOCK_KAFKA'] ?? '', '--late', rooms.lateTopic];
  const run = promisify(execFile)(process.execPath, [script, ...from, ...late], { maxBuffer: 16_777_216 });
  const { stdout } = await run.catch((thrown: { stdout?: string; stderr?: string; message: string }) => {
    if (!thrown.stdout) throw new Error(`the audit failed: ${thrown.stderr || thrown.message}`);
    return { stdout: thrown.stdout };
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Audit;
}

function phasesIn(
  story: Story,
  { predictions, shifted }: { predictions: readonly PredictionRow[]; shifted: boolean },
): PhaseReport[] {
  const successor = story.runs.find(
    ({ trigger, state }) => trigger?.kind === 'drift' && state === retrain.RunState.PROMOTED,
  )?.version;
  const promotedMs =
    predictions.find(({ modelVersion }) => successor !== undefined && modelVersion === successor)?.windowStartMs ?? null;
  return judge(predictions, labelsByMinute(readLabels(story.acknowledgedFile)), {
    phases: phasesOf(story.calendar, { shifted, promotedMs }),
    trainUntilMs: story.calendar.trainUntilMs,
    inputs: modelInputs,
  });
}

function latenciesOf({ story, endToEnd }: ReportParts): object {
  const stages = story.sample.views.map(({ name, p50Ms, p99Ms }) => [name, { p50: p50Ms, p99: p99Ms }]);
  const { latenciesMs } = endToEnd;
  return {
    ...Object.fromEntries(stages),
    acknowledgedToRow: { p50: quantileOf(latenciesMs, 0.5), p99: quantileOf(latenciesMs, 0.99), samples: latenciesMs.length },
  };
}

function versionOf({ version, trigger, dataset, metrics }: models.Version): object {
  return {
    version,
    trigger: trigger?.kind ?? '',
    trainedUntil: dataset === undefined ? null : new Date(Number(dataset.trainedUntilMs)).toISOString(),
    rows: Number(dataset?.rows ?? 0),
    metrics: Object.fromEntries(metrics),
  };
}

function runOf({ trigger, state, reason, version, trainedUntilMs, metrics, champion, baselines }: retrain.Run): object {
  return {
    trigger: trigger?.kind ?? '',
    detail: trigger?.detail ?? '',
    state: retrain.runStateToJSON(state),
    reason,
    version: version ?? null,
    trainedUntil: trainedUntilMs === undefined ? null : new Date(Number(trainedUntilMs)).toISOString(),
    metrics: Object.fromEntries(metrics),
    champion: Object.fromEntries(champion),
    baselines: Object.fromEntries(baselines),
  };
}
