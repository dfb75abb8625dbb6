import { stages as api } from '@penstock/contracts';
import { type GrpcServer, serverStream, unary } from '@penstock/service';
import type { HostedStage, StageHost } from './hosted-stage.ts';
import type { StageState } from './stage-status.ts';

const states: Readonly<Record<StageState, api.StageState>> = {
  starting: api.StageState.STARTING,
  flowing: api.StageState.FLOWING,
  waiting: api.StageState.WAITING,
  stopped: api.StageState.STOPPED,
};

const intervalMsDefault = 1_000;
const intervalMsMin = 100;

/** Lets other teams ask how the stages of this service are. */
export function serveStages(server: GrpcServer, host: StageHost): void {
  const list = (pipeline: string): api.ListStagesResponse => ({
    stages: host
      .stages()
      .filter(({ plan }) => pipeline === '' || plan.pipeline === pipeline)
      .map(statusOf),
  });
  server.add(api.StagesServiceService, {
    listStages: unary(async ({ pipeline }: api.ListStagesRequest) => list(pipeline)),
    watchStages: serverStream(async function* ({ pipeline, intervalMs }: api.WatchStagesRequest, call) {
      const waitMs = Math.max(intervalMsMin, intervalMs === 0 ? intervalMsDefault : intervalMs);
      while (!call.signal.aborted) {
        yield list(pipeline);
        await host.clock.sleep(waitMs, call.signal);
      }
    }),
  });
}

/** What a stage shows of itself, as it goes over the wire. */
export function statusOf({ plan, version, reading }: HostedStage): api.StageStatus {
  const { ledger, lag, latencyMs, lastProgressAtMs, problem } = reading;
  return {
    pipeline: plan.pipeline,
    stage: plan.name,
    state: states[reading.state],
    problem: problem ?? undefined,
    lastProgressAtMs: lastProgressAtMs === null ? undefined : BigInt(lastProgressAtMs),
    consumed: BigInt(ledger.consumed),
    inFlight: BigInt(ledger.inFlight),
    fates: counts(Object.entries(ledger.fates)),
    balances: reading.balances,
    outputs: counts(ledger.outputs),
    rejected: counts(Object.entries(reading.rejected)),
    positions: counts(reading.positions),
    lag: counts(lag),
    caughtUp: reading.ledger.inFlight === 0 && [...lag.values()].every((records) => records === 0),
    latency: latencyMs.p50 === null || latencyMs.p99 === null ? undefined : { p50Ms: latencyMs.p50, p99Ms: latencyMs.p99 },
    retries: BigInt(reading.retries),
    pipelineVersion: version,
  };
}

function counts(entries: Iterable<readonly [string, number]>): Map<string, bigint> {
  return new Map([...entries].map(([name, value]) => [name, BigInt(value)]));
}
