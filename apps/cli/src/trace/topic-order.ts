import type { StagePlan } from '@penstock/document';

/** Every topic that records of these stages go through, such that what a stage reads comes before what it writes. */
export function topicsInOrder(stages: readonly StagePlan[]): string[] {
  const ordered = new Set<string>();
  const waiting = new Set(stages);
  while (waiting.size > 0) {
    const ready = [...waiting].filter(({ from }) => !writesTo(waiting, from.kind === 'kafka' ? from.topic : null));
    for (const stage of ready.length > 0 ? ready : [...waiting]) {
      for (const topic of topicsOf(stage)) ordered.add(topic);
      waiting.delete(stage);
    }
  }
  return [...ordered];
}

function writesTo(stages: ReadonlySet<StagePlan>, topic: string | null): boolean {
  return topic !== null && [...stages].some(({ to }) => to.kind === 'kafka' && to.topic === topic);
}

function topicsOf({ from, to, late, dead }: StagePlan): string[] {
  const own = [from.kind === 'kafka' ? from.topic : null, late?.topic, dead.topic, to.kind === 'kafka' ? to.topic : null];
  return own.filter((topic) => topic !== null && topic !== undefined);
}
