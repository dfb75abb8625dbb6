import type { StagePlan } from '@penstock/document';

export interface StageChange {
  readonly stage: string;
  readonly service: string;
  readonly kind: 'started' | 'kept' | 'changed' | 'stopped';
}

type Comparable = Pick<StagePlan, 'name' | 'service' | 'fingerprint'>;

/** What services do about a document that takes the place of another. */
export function compareStages(before: readonly Comparable[], after: readonly Comparable[]): StageChange[] {
  const earlier = new Map(before.map((stage) => [stage.name, stage]));
  const now = after.map(({ name, service, fingerprint }): StageChange => {
    const known = earlier.get(name);
    const kind = known === undefined ? 'started' : known.fingerprint === fingerprint ? 'kept' : 'changed';
    return { stage: name, service, kind };
  });
  const stopped = before.filter(({ name }) => !after.some((stage) => stage.name === name));
  return [...now, ...stopped.map(({ name, service }): StageChange => ({ stage: name, service, kind: 'stopped' }))];
}
