import type { Broker } from '@penstock/brokers';
import type { Platform, ServiceName } from '@penstock/cli';
import { systemClock } from '@penstock/kernel';
import { applySampleTo } from './prepare-pipeline.ts';
import { hasEndedWell, isTraining, startTraining } from './training-run.ts';
import type { Evidence } from './watcher.ts';

/** Something that goes wrong on a platform while readings flow. */
export interface Fault {
  readonly name: string;
  /** What must have happened, or the fault proved nothing. */
  readonly proof: keyof Evidence;
  /** Before readings are in flight. */
  prepare?(platform: Platform): Promise<void>;
  /** Resolves when nothing more is done to the platform; answers when its recovery began, by `performance.now()`. */
  strike(platform: Platform): Promise<number>;
  /** What must be true again besides that readings flow. */
  hasHealed?(platform: Platform): Promise<boolean>;
}

export interface FaultOptions {
  /** How long Kafka does not answer. */
  readonly frozenMs: number;
  /** Red on purpose: the document takes out nothing that is delivered twice. */
  readonly unprotected: boolean;
}

/** Long enough for a whole tick to be sent to a broker that does not answer. */
const silentMs = 700;
/** A broker that is killed is away for as long as its clients need to notice. */
const awayMs = 2_000;

/** Every service is killed, every broker that the platform cannot do without is restarted, and Kafka is silent for a while. */
export function listFaults({ frozenMs, unprotected }: FaultOptions): Fault[] {
  const applyAgain = (platform: Platform): Promise<void> => applySampleTo(platform.grpcOf('schema-gateway'), { unprotected });
  return [
    { ...kill('schema-gateway'), hasHealed: (platform) => applyAgain(platform).then(() => true) },
    { ...killUnanswered('mqtt-ingestor', 'kafka'), proof: 'duplicates' },
    killUnanswered('preprocessor', 'kafka'),
    killUnanswered('model-server', 'kafka'),
    killUnanswered('sink-dispatcher', 'postgres'),
    whileTraining(kill('retrainer')),
    whileTraining(restart('redis')),
    restart('postgres'),
    restart('kafka'),
    freezeKafka(frozenMs),
  ];
}

function kill(name: ServiceName): Fault {
  return {
    name: `${name} killed`,
    proof: 'restarts',
    async strike(platform) {
      const startedAt = performance.now();
      await platform.service(name).kill();
      return startedAt;
    },
  };
}

/** Killed when it has written what nobody has answered yet: whether that is stored, only the broker knows. */
function killUnanswered(name: ServiceName, to: Broker['name']): Fault {
  const plain = kill(name);
  return {
    ...plain,
    async strike(platform) {
      const broker = platform.brokers[to];
      await broker.freeze();
      try {
        await systemClock.sleep(silentMs);
        return await plain.strike(platform);
      } finally {
        await broker.thaw();
      }
    },
  };
}

function restart(name: Broker['name']): Fault {
  return {
    name: `${name} restarted`,
    proof: 'retries',
    async strike({ brokers }) {
      await brokers[name].kill();
      await systemClock.sleep(awayMs);
      const startedAt = performance.now();
      await brokers[name].start();
      return startedAt;
    },
  };
}

/** Recovery begins when it answers again: the silence itself is ours. */
function freezeKafka(frozenMs: number): Fault {
  return {
    name: `kafka frozen for ${frozenMs / 1_000} s`,
    proof: 'retries',
    async strike({ brokers }) {
      await brokers.kafka.freeze();
      await systemClock.sleep(frozenMs);
      await brokers.kafka.thaw();
      return performance.now();
    },
  };
}

/** Strikes in the midst of a training, which must come to its verdict all the same. */
function whileTraining(fault: Fault): Fault {
  const runId = fault.name.replaceAll(' ', '-');
  return {
    ...fault,
    prepare: (platform) => startTraining(platform.grpcOf('retrainer'), runId),
    async strike(platform) {
      if (!(await isTraining(platform.grpcOf('retrainer'), runId))) throw new Error(`run ${runId} ended before its fault`);
      return fault.strike(platform);
    },
    hasHealed: (platform) => hasEndedWell(platform.grpcOf('retrainer'), platform.grpcOf('model-server'), runId),
  };
}
