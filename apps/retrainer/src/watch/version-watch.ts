import type { ModelVersion, OpenCatalogue } from '@penstock/catalogue';
import type { Kafka } from '@penstock/kafka';
import type { Clock, Facts } from '@penstock/kernel';
import type { LoadedModel, ModelPool } from '@penstock/models';
import { evaluate, splitDays, toMatrix } from '@penstock/training';
import { type KeyedRowParts, KeyedRowReader } from '../data/keyed-rows.ts';
import { fieldOf } from '../data/read-dataset.ts';
import { DayCollector, type WholeDay } from '../drift/day-collector.ts';
import { DriftWatch, severityOf, type WatchNews } from '../drift/drift-watch.ts';
import { type DayReference, judgeByKind } from '../drift/reference.ts';
import { readVersionReference } from '../drift/version-reference.ts';
import type { TrainingPlan } from '../runs/runs.ts';
import { hasBothClasses } from '../training/holdout.ts';
import { type Metrics, metricsOf } from '../training/metrics.ts';
import { recordNews } from './alarms.ts';
import { LabelCounter } from './label-counter.ts';
import { TopicRounds } from './topic-rounds.ts';

export interface WatchParts extends KeyedRowParts {
  readonly kafka: Kafka;
  readonly models: OpenCatalogue;
  readonly pool: ModelPool;
  readonly clock: Clock;
  log(event: string, facts: Facts): void;
  /** Told of each day that has become whole. */
  judged(model: string, severity: string): void;
}

interface Watched {
  readonly version: ModelVersion;
  readonly model: LoadedModel;
  readonly days: DayReference;
}

/**
 * Reads along what a model is asked and what turned out to be true: counts labels, and judges each whole day by what ordinary
 * days were like when the version in service was trained.
 */
export class VersionWatch implements AsyncDisposable {
  readonly labels = new LabelCounter();
  /** The newest whole day on which both classes occurred. */
  lastDay: { readonly day: string; readonly metrics: Metrics } | null = null;
  readonly #plan: TrainingPlan['plan'];
  readonly #parts: WatchParts;
  readonly #rounds: TopicRounds;
  readonly #collector: DayCollector;
  readonly #drift = new DriftWatch();
  /** Days that wait to be judged, and news that wait to be recorded: an outage loses neither. */
  readonly #whole: WholeDay[] = [];
  readonly #news: WatchNews[] = [];
  readonly #watched: Watched | null;

  private constructor({ plan }: TrainingPlan, version: ModelVersion | null, parts: WatchParts & { watched: Watched | null }) {
    const { kafka, models } = parts;
    this.#plan = plan;
    this.#parts = parts;
    this.#watched = parts.watched;
    const afterMs = version?.manifest.trainedUntilMs ?? Number.NEGATIVE_INFINITY;
    this.#collector = new DayCollector({ withinMs: plan.withinMs, afterMs });
    this.#rounds = new TopicRounds({
      kafka,
      resume: version === null ? [] : (readVersionReference(models.catalogue, version)?.resume ?? []),
      deleted: ({ topic, partition }) => parts.log('drift.records-deleted', { model: plan.model, topic, partition }),
      topics: [
        {
          ...plan.features,
          reader: new KeyedRowReader(parts, plan.features.topic, plan.inputs.map(fieldOf)),
          take: (row) => this.#watched !== null && this.#collector.addFeature(row),
        },
        {
          ...plan.labels,
          reader: new KeyedRowReader(parts, plan.labels.topic, [plan.target]),
          take: (row) => {
            this.labels.add(row.timeMs);
            if (this.#watched !== null) this.#collector.addLabel(row);
          },
        },
      ],
    });
  }

  /** Watches the version in service; null: there is none, and labels are counted only. */
  static async open(training: TrainingPlan, version: ModelVersion | null, parts: WatchParts): Promise<VersionWatch> {
    const days = version === null ? null : (readVersionReference(parts.models.catalogue, version)?.days ?? null);
    if (version !== null && days === null)
      parts.log('drift.unwatched', {
        model: version.model,
        version: version.version,
        reason: 'nobody says what ordinary days are',
      });
    if (version === null || days === null) return new VersionWatch(training, version, { ...parts, watched: null });
    const model = await parts.pool.load(parts.models.catalogue.bytes(version), { inputs: version.inputs.length });
    return new VersionWatch(training, version, { ...parts, watched: { version, model, days } });
  }

  /** Reads what has come since the last round, and judges the days that have become whole. Throws outages; go on after them. */
  async round(signal: AbortSignal): Promise<void> {
    const caughtUp = await this.#rounds.read(signal);
    if (this.#watched === null || signal.aborted) return;
    this.#whole.push(...this.#collector.takeWhole(caughtUp));
    for (let day = this.#whole[0]; day !== undefined; day = this.#whole[0]) {
      await this.#judge(day, this.#watched);
      this.#whole.shift();
    }
    for (let news = this.#news[0]; news !== undefined; news = this.#news[0]) {
      await this.#record(news, this.#watched.version);
      this.#news.shift();
    }
  }

  async #judge({ rows, labels }: WholeDay, { version, model, days }: Watched): Promise<void> {
    const columns = this.#plan.inputs.map((_, input) => Float64Array.from(rows, ({ values }) => values[input] as number));
    const { scores } = await model.predict(toMatrix(columns), rows.length);
    const [day] = splitDays({ timesMs: rows.map(({ timeMs }) => timeMs), columns, scores, labels });
    if (day === undefined) return;
    this.#measure(day.day, scores, labels);
    const verdict = judgeByKind(days, day);
    const severity = verdict.judged ? severityOf(verdict) : 'unjudged';
    const facts = {
      model: version.model,
      version: version.version,
      day: day.day,
      rows: rows.length,
      labelled: day.errors.length,
    };
    this.#parts.log('drift.day', { ...facts, severity });
    this.#parts.judged(version.model, severity);
    const news = this.#drift.observe(verdict);
    if (news !== null) this.#news.push(news);
  }

  async #record(news: WatchNews, version: ModelVersion): Promise<void> {
    const { models, clock, log } = this.#parts;
    const alarm = await recordNews(models, news, { version, pipeline: this.#plan.pipeline, atMs: clock.nowMs() });
    if (alarm === null) return;
    const { id, reason } = alarm;
    log(`drift.${news.kind}`, { model: version.model, version: version.version, day: news.verdict.day, alarm: id, reason });
  }

  #measure(day: string, scores: Float64Array, labels: Float64Array): void {
    const known = Int32Array.from(labels.keys()).filter((row) => !Number.isNaN(labels[row]));
    const truth = Float64Array.from(known, (row) => labels[row] as number);
    if (!hasBothClasses(truth)) return;
    const answers = Float64Array.from(known, (row) => scores[row] as number);
    this.lastDay = { day, metrics: metricsOf(evaluate(truth, answers)) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watched?.model[Symbol.asyncDispose]();
  }
}
