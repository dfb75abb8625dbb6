import { pipelines as api } from '@penstock/contracts';
import type { Complaint } from '@penstock/document';
import { type GrpcServer, serverStream, unary } from '@penstock/service';
import { isPipelineVisible } from '../access/caller.ts';
import type { Gateway } from '../gateway.ts';
import { type Changes, type Documents, removePipeline, type SentDocument } from '../pipelines/documents.ts';
import { appliedPipelines } from '../pipelines/facts.ts';
import type { StageChange } from '../pipelines/stage-changes.ts';
import { badRequest } from '../problems.ts';
import { describePipeline } from './describe-pipeline.ts';
import { streamChanges } from './stream-changes.ts';

const { STARTED, KEPT, CHANGED, STOPPED } = api.StageChangeKind;
const kinds: Readonly<Record<StageChange['kind'], api.StageChangeKind>> = {
  started: STARTED,
  kept: KEPT,
  changed: CHANGED,
  stopped: STOPPED,
};

/** `penstock.pipelines.v1`. */
export function servePipelines(server: GrpcServer, gateway: Gateway, documents: Documents): void {
  const { state } = gateway.log;
  server.add(api.PipelinesServiceService, {
    check: unary(async ({ document }: api.CheckRequest) => {
      const { checked } = await documents.judge(sentOf(document));
      return { complaints: checked.complaints.map(complaintOf) };
    }),
    plan: unary(async ({ document }: api.PlanRequest) => {
      const { complaints, checked, changes } = await documents.plan(sentOf(document));
      const answer = changes === null ? undefined : changesOf(changes, checked.topics);
      return { complaints: complaints.map(complaintOf), changes: answer === undefined ? undefined : asPlanned(answer) };
    }),
    apply: unary(async ({ document }: api.ApplyRequest, call) => {
      const applied = await documents.apply(sentOf(document), call.signal);
      return { changes: changesOf(applied, applied.checked.topics) };
    }),
    remove: unary(async ({ pipeline }: api.RemoveRequest, call) => {
      const stages = await removePipeline(gateway, pipeline, call.signal);
      return { stages: stages.map(stageChangeOf) };
    }),
    list: unary(async () => ({
      pipelines: appliedPipelines(state)
        .filter(({ pipeline }) => isPipelineVisible(pipeline))
        .map(describePipeline),
    })),
    watch: serverStream((_: api.WatchRequest, call) => watch(gateway, call.signal)),
  });
}

async function* watch({ log }: Gateway, signal: AbortSignal): AsyncGenerator<api.WatchResponse> {
  const changes = streamChanges(log, signal);
  const known = new Set<string>();
  for (const applied of appliedPipelines(log.state)) {
    if (!isPipelineVisible(applied.pipeline)) continue;
    known.add(applied.pipeline);
    yield { pipeline: applied.pipeline, applied: describePipeline(applied) };
  }
  for await (const change of changes) {
    if (change.kind !== 'pipeline' || !isPipelineVisible(change.pipeline)) continue;
    const applied = log.state.pipelines.get(change.pipeline);
    yield { pipeline: change.pipeline, applied: applied === undefined ? undefined : describePipeline(applied) };
  }
}

function sentOf(document: api.Document | undefined): SentDocument {
  if (document === undefined) throw badRequest('document: expected one, got nothing');
  return { text: document.text, file: document.file || 'pipeline.yaml', files: document.files };
}

function complaintOf({ code, message, path, line, column, suggestion }: Complaint): api.Complaint {
  return { code, message, path, line, column, suggestion: suggestion ?? '' };
}

function stageChangeOf({ stage, service, kind }: StageChange): api.StageChange {
  return { stage, service, kind: kinds[kind] };
}

function changesOf({ after, before, stages, references, registered }: Changes, topics: readonly api.Topic[]): api.Changes {
  return {
    pipeline: after.pipeline,
    version: after.version,
    previousVersion: before?.version ?? '',
    stages: stages.map(stageChangeOf),
    schemas: [...references, ...Object.values(after.schemas)].map(({ subject, id, version }) => ({
      subject,
      id,
      version,
      registered: registered.has(subject),
    })),
    topics: topics.map(({ topic, partitions }) => ({ topic, partitions })),
  };
}

/** Ids that are not given yet may be given to others before. */
function asPlanned(changes: api.Changes): api.Changes {
  const schemas = changes.schemas.map((schema) => (schema.registered ? { ...schema, id: 0 } : schema));
  return { ...changes, schemas, version: schemas.some(({ registered }) => registered) ? '' : changes.version };
}
