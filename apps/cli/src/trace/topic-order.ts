import type { StagePlan } from '@penstock/document';

/**
 * Every topic that records of these stages go through, such that what a stage reads comes before what it writes. What was too late or
 * refused comes last: it is known by where it lay before.
 */
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
  for (const { late, dead } of stages) for (const topic of [late?.topic, dead.topic]) if (topic !== undefined) ordered.add(topic);
  return [...ordered];
}

function writesTo(stages: ReadonlySet<StagePlan>, topic: string | null): boolean {
  return topic !== null && [...stages].some(({ to }) => to.kind === 'kafka' && to.topic === topic);
}

function topicsOf({ from, to }: StagePlan): string[] {
  return [from, to].flatMap((end) => (end.kind === 'kafka' ? [end.topic] : []));
}
