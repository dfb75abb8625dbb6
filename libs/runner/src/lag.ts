import type { StagePlan } from '@penstock/document';
import { type Kafka, offsetsOf, parseLane } from '@penstock/kafka';
import { Problem } from '@penstock/kernel';
import type { StageStatus } from './stage-status.ts';

/** Records that are stored in the lanes of a stage beyond where it stands. A broker that does not answer leaves the last word. */
export async function measureLag(kafka: Kafka, plan: StagePlan, status: StageStatus): Promise<void> {
  if (plan.from.kind !== 'kafka' || status.positions.size === 0) return;
  const lanes = [...status.positions];
  try {
    const ends = await offsetsOf(
      kafka,
      lanes.map(([lane]) => parseLane(lane)),
      'latest',
    );
    status.measured(new Map(lanes.map(([lane, position], index) => [lane, Math.max(0, (ends[index]?.offset ?? 0) - position)])));
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
  }
}
