import type { DriftAlarm, OpenCatalogue, TrainingRun } from '@penstock/catalogue';
import { retrain } from '@penstock/contracts';
import { Bell } from '@penstock/kernel';
import { type GrpcServer, serverStream, unary } from '@penstock/service';
import { badRequest, noSuchRun } from './problems.ts';
import type { Retrainer } from './retrainer.ts';
import type { StepReading } from './runs/run-queue.ts';
import type { RunNow } from './runs/runs.ts';

const limitDefault = 50;
const limitMax = 500;
/** It becomes a part of job names, in which colons mean something. */
const runIdPattern = /^[\w.-]{1,200}$/;

/** Training runs and drift alarms for other teams. */
export function serveRetrain(server: GrpcServer, parts: { readonly retrainer: Retrainer; readonly models: OpenCatalogue }): void {
  const { retrainer, models } = parts;
  const { runs } = retrainer;
  server.add(retrain.RetrainServiceService, {
    start: unary(async ({ model, reason, runId }) => {
      if (runId !== '' && !runIdPattern.test(runId))
        throw badRequest(
          `run_id: expected at most 200 letters, digits, dots, dashes and underscores, got ${JSON.stringify(runId)}`,
        );
      const trigger = { kind: 'api', detail: reason };
      const started = await runs.start(retrainer.trainingOf(model), trigger, ...(runId === '' ? [] : [runId]));
      return { run: runOf(started) };
    }),
    watch: serverStream(async function* ({ runId }, { signal }) {
      if ((await runs.find(runId)) === null)
        throw noSuchRun(`there is no run ${runId}; penstock retrain ls shows those there are`);
      for await (const item of runs.watch(runId, signal)) {
        if ('outcome' in item) yield { item: { $case: 'run' as const, value: endedRun(item) } };
        else yield { item: { $case: 'step' as const, value: stepOf(item) } };
      }
    }),
    cancel: unary(async ({ runId }, { signal }) => ({ run: endedRun(await runs.cancel(runId, signal)) })),
    list: unary(async ({ model, limit }) => {
      const wanted = Math.min(limitMax, limit > 0 ? limit : limitDefault);
      return { runs: (await runs.list(model)).slice(0, wanted).map(runOf) };
    }),
    listAlarms: unary(async ({ model, standing }) => {
      const alarms = alarmsOf(models, model).filter(({ clearedDay }) => !standing || clearedDay === null);
      return { alarms: alarms.reverse().map(alarmOf) };
    }),
    watchAlarms: serverStream(({ model }, { signal }) => watchAlarms(models, model, signal)),
  });
}

function alarmsOf({ catalogue }: OpenCatalogue, model: string): DriftAlarm[] {
  const alarms = (model === '' ? catalogue.models() : [model]).flatMap((name) => catalogue.alarms(name));
  return alarms.sort((left, right) => left.raisedAtMs - right.raisedAtMs);
}

/** A caller that is slow sees the alarms as they are by then, each once. */
async function* watchAlarms(
  models: OpenCatalogue,
  model: string,
  signal: AbortSignal,
): AsyncGenerator<retrain.WatchAlarmsResponse> {
  const bell = new Bell();
  const told = new Map<string, DriftAlarm>();
  const stop = models.onChange((key) => key.startsWith('alarm/') && bell.ring());
  const ring = (): void => bell.ring();
  signal.addEventListener('abort', ring);
  try {
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      const changed = alarmsOf(models, model).filter((alarm) => told.get(alarm.id) !== alarm);
      for (const alarm of changed) told.set(alarm.id, alarm);
      const worthTelling = isFirst ? changed.filter(({ clearedDay }) => clearedDay === null) : changed;
      yield* worthTelling.map((alarm) => ({ alarm: alarmOf(alarm) }));
      await bell.wait();
    }
  } finally {
    stop();
    signal.removeEventListener('abort', ring);
  }
}

const outcomes = {
  promoted: retrain.RunState.PROMOTED,
  refused: retrain.RunState.REFUSED,
  failed: retrain.RunState.FAILED,
  cancelled: retrain.RunState.CANCELLED,
} as const satisfies Record<TrainingRun['outcome'], retrain.RunState>;

const stepStates = {
  waiting: retrain.StepState.WAITING,
  active: retrain.StepState.ACTIVE,
  done: retrain.StepState.DONE,
  failed: retrain.StepState.FAILED,
} as const satisfies Record<StepReading['state'], retrain.StepState>;

function runOf(now: RunNow): retrain.Run {
  if ('ended' in now) return endedRun(now.ended);
  const { order, progress } = now.running;
  return retrain.Run.fromPartial({
    id: order.id,
    model: order.model,
    pipeline: order.pipeline,
    trigger: order.trigger,
    seed: BigInt(order.trainer.seed),
    state: retrain.RunState.RUNNING,
    requestedAtMs: BigInt(order.requestedAtMs),
    ...(progress.version === undefined ? {} : { version: progress.version }),
    ...(progress.manifest === undefined ? {} : { trainedUntilMs: BigInt(progress.manifest.trainedUntilMs) }),
    metrics: mapOf(progress.challenger),
    champion: mapOf(progress.comparison?.champion),
    baselines: mapOf(progress.trained?.baselines),
  });
}

function endedRun(run: TrainingRun): retrain.Run {
  const { version, trainedUntilMs, seed, outcome, requestedAtMs, finishedAtMs, metrics, champion, baselines, ...same } = run;
  return retrain.Run.fromPartial({
    ...same,
    seed: BigInt(seed),
    state: outcomes[outcome],
    metrics: mapOf(metrics),
    champion: mapOf(champion),
    baselines: mapOf(baselines),
    requestedAtMs: BigInt(requestedAtMs),
    finishedAtMs: BigInt(finishedAtMs),
    ...(version === null ? {} : { version }),
    ...(trainedUntilMs === null ? {} : { trainedUntilMs: BigInt(trainedUntilMs) }),
  });
}

function mapOf(figures: Readonly<Record<string, number>> | null | undefined): Map<string, number> {
  return new Map(Object.entries(figures ?? {}));
}

function stepOf({ step, state, detail }: StepReading): retrain.Step {
  return { name: step, state: stepStates[state], detail };
}

function alarmOf({ clearedDay, raisedAtMs, ...same }: DriftAlarm): retrain.Alarm {
  return { ...same, readings: [...same.readings], raisedAtMs: BigInt(raisedAtMs), clearedDay: clearedDay ?? '' };
}
