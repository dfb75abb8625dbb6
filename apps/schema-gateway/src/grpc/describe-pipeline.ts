import type { pipelines as api } from '@penstock/contracts';
import { type AppliedPipeline, planPipeline, type StagePlan } from '@penstock/document';
import { messageOf } from '@penstock/kernel';

/** An applied pipeline as it goes over the wire. */
export function describePipeline(applied: AppliedPipeline): api.Pipeline {
  const { pipeline, version, appliedAtMs, document, schemas } = applied;
  const { stages, unreadable } = stagesOf(applied);
  return {
    pipeline,
    version,
    appliedAtMs: BigInt(appliedAtMs),
    stages,
    schemas: new Map(Object.values(schemas).map((schema) => [schema.subject, { id: schema.id, version: schema.version }])),
    document: JSON.stringify(document),
    unreadable,
  };
}

function stagesOf(applied: AppliedPipeline): { stages: api.Stage[]; unreadable: string } {
  try {
    return { stages: planPipeline(applied).stages.map(stageOf), unreadable: '' };
  } catch (thrown) {
    return { stages: [], unreadable: messageOf(thrown) };
  }
}

function stageOf({ name, service, from, to, fingerprint }: StagePlan): api.Stage {
  const target = to.kind === 'kafka' ? to.topic : `postgres ${to.config.table}`;
  return { stage: name, service, from: from.kind === 'kafka' ? from.topic : 'mqtt', to: target, fingerprint };
}
