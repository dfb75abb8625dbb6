import {
  type AppliedPipeline,
  type AppliedSchema,
  applyDocument,
  type CheckedDocument,
  type Complaint,
  checkDocument,
  formatComplaint,
  type PipelineDocument,
  type PipelinePlan,
  planPipeline,
  readDocument,
} from '@penstock/document';
import { ensureTopics } from '@penstock/kafka';
import { permitSubjects } from '../access/permit-subjects.ts';
import type { Gateway } from '../gateway.ts';
import { fold, type LogRecord, pipelineRecord } from '../log/records.ts';
import { State } from '../log/state.ts';
import { unknownPipeline, wrongDocument } from '../problems.ts';
import { registerSchemas } from './derived-schemas.ts';
import { modelInputs, registeredSchemas, registeredVersion } from './facts.ts';
import { compareStages, type StageChange } from './stage-changes.ts';

/** A document as somebody sends it, with the files that it refers to. */
export interface SentDocument {
  readonly text: string;
  /** For messages. */
  readonly file: string;
  /** By the path as the document writes it. */
  readonly files: ReadonlyMap<string, string>;
}

export interface Judged {
  readonly document: PipelineDocument | null;
  readonly checked: CheckedDocument;
}

/** What a document comes to, and what is wrong with it. */
function judgeDocument({ catalogue }: Gateway, state: State, { text, file, files }: SentDocument): Judged {
  const reading = readDocument(text, { file });
  const facts = {
    readFile: (path: string) => files.get(path) ?? null,
    registered: registeredSchemas(state),
    version: (subject: string, version: number) => registeredVersion(state, subject, version),
    models: modelInputs(catalogue),
  };
  return { document: reading.document, checked: checkDocument(reading, facts) };
}

export interface Changes {
  readonly after: AppliedPipeline;
  readonly before: AppliedPipeline | null;
  readonly stages: readonly StageChange[];
  /** What its schemas refer to, as far as the document brings it along. */
  readonly references: readonly AppliedSchema[];
  /** Subjects whose schema is registered by this. */
  readonly registered: ReadonlySet<string>;
}

export interface Planned {
  readonly complaints: readonly Complaint[];
  readonly checked: CheckedDocument;
  /** Null when there are complaints. */
  readonly changes: Changes | null;
}

/** The questions about a document, and applying one; wherever its schemas lie. */
export interface Documents {
  judge(sent: SentDocument): Promise<Judged>;
  /** What applying would come to, ids and versions as they would be now. Changes nothing. Throws `registry.incompatible`. */
  plan(sent: SentDocument): Promise<Planned>;
  /** Creates the topics, registers the schemas and lets services run the document. Throws `gateway.wrong-document`. */
  apply(sent: SentDocument, signal: AbortSignal): Promise<Changes & { checked: CheckedDocument }>;
}

/** Documents whose schemas this gateway holds: schemas and document are one transaction. */
export function ownDocuments(gateway: Gateway): Documents {
  return {
    judge: async (sent) => judgeDocument(gateway, gateway.log.state, sent),
    plan: async (sent) => planDocument(gateway, sent),
    apply: (sent, signal) => applySent(gateway, sent, signal),
  };
}

function planDocument(gateway: Gateway, sent: SentDocument): Planned {
  return decide(gateway, gateway.log.state, sent).planned;
}

async function applySent(
  gateway: Gateway,
  sent: SentDocument,
  signal: AbortSignal,
): Promise<Changes & { checked: CheckedDocument }> {
  const { planned } = decide(gateway, gateway.log.state, sent);
  refuseWrong(planned.complaints, sent.file);
  permitSubjects(planned.changes?.registered ?? []);
  await ensureTopics(
    gateway.kafka,
    planned.checked.topics.map((topic) => ({ ...topic, retentionMs: topic.retentionMs ?? -1 })),
  );
  const { changes, checked } = await gateway.log.change((ahead) => {
    const decision = decide(gateway, ahead, sent);
    refuseWrong(decision.planned.complaints, sent.file);
    return { records: decision.records, answer: decision.planned };
  }, signal);
  if (changes === null) throw new TypeError('a document without complaints has no changes');
  const { pipeline, version } = changes.after;
  if (changes.before?.version !== version) gateway.tell('pipeline.applied', { pipeline, version });
  return { ...changes, checked };
}

function decide(gateway: Gateway, state: State, sent: SentDocument): { planned: Planned; records: readonly LogRecord[] } {
  const { document, checked } = judgeDocument(gateway, state, sent);
  const { complaints } = checked;
  if (document === null || complaints.length > 0) return { planned: { complaints, checked, changes: null }, records: [] };
  const layer = new State(state);
  const { schemas, references, records } = registerSchemas(layer, checked);
  const after = applyDocument(document, schemas, gateway.clock.nowMs());
  const before = state.pipelines.get(document.pipeline) ?? null;
  const isSame = before?.version === after.version;
  const record = pipelineRecord(after.pipeline, after);
  fold(layer, record);
  const registered = new Set(
    [...references, ...schemas]
      .filter(({ subject, version }) => state.registry.version(subject, version) === undefined)
      .map(({ subject }) => subject),
  );
  return {
    planned: { complaints, checked, changes: changesOf(before, after, { references, registered }) },
    records: isSame ? records : [...records, record],
  };
}

export function changesOf(
  before: AppliedPipeline | null,
  after: AppliedPipeline,
  schemas: Pick<Changes, 'references' | 'registered'>,
): Changes {
  return { after, before, ...schemas, stages: compareStages(stagesOf(before), stagesOf(after)) };
}

export function refuseWrong(complaints: readonly Complaint[], file: string): void {
  if (complaints.length === 0) return;
  const lines = complaints.map((complaint) => formatComplaint(file, complaint));
  throw wrongDocument(`${file} cannot be applied:\n${lines.join('\n')}`, { facts: { file, complaints: complaints.length } });
}

/** Takes a pipeline away: services stop its stages. Answers what stopped. */
export async function removePipeline(gateway: Gateway, pipeline: string, signal: AbortSignal): Promise<readonly StageChange[]> {
  const before = await gateway.log.change((ahead) => {
    const applied = ahead.pipelines.get(pipeline);
    if (applied === undefined) throw unknownPipeline(`no pipeline ${pipeline} is applied`, { facts: { pipeline } });
    return { records: [pipelineRecord(pipeline, null)], answer: applied };
  }, signal);
  gateway.tell('pipeline.removed', { pipeline });
  return compareStages(stagesOf(before), []);
}

/** None where this build cannot tell what was applied. */
function stagesOf(applied: AppliedPipeline | null): PipelinePlan['stages'] {
  if (applied === null) return [];
  try {
    return planPipeline(applied).stages;
  } catch {
    return [];
  }
}
