import {
  type AppliedSchema,
  applyDocument,
  type CheckedDocument,
  checkDocument,
  type DerivedSchema,
  type PipelineDocument,
  pinReferences,
  readDocument,
} from '@penstock/document';
import { ensureTopics } from '@penstock/kafka';
import type { VersionName } from '@penstock/registry';
import { type Contract, contractOf } from '@penstock/schema';
import { permitSubjects } from '../access/permit-subjects.ts';
import { pipelineRecord } from '../log/records.ts';
import {
  type Changes,
  changesOf,
  type Documents,
  type Judged,
  type Planned,
  refuseWrong,
  type SentDocument,
} from '../pipelines/documents.ts';
import { modelInputs, registeredSchemas, registeredVersion } from '../pipelines/facts.ts';
import { demandGuid, guidFor } from './demand-guid.ts';
import type { UpstreamRegistry, UpstreamVersion } from './upstream-registry.ts';
import { type FrontGateway, UpstreamState } from './upstream-state.ts';

/** More than subjects can lead to each other. */
const roundsMax = 16;

/** Pipeline documents whose schemas lie upstream: they are registered there before the document is applied. */
export function upstreamDocuments(front: FrontGateway): Documents {
  return {
    judge: (sent) => judge(front, sent),
    plan: async (sent) => {
      const judged = await judge(front, sent);
      return planned(front, judged, await resolve(judged, (schema) => foresee(front.registry, schema)));
    },
    apply: (sent, signal) => apply(front, sent, signal),
  };
}

/** Typed again with what it asked for, until it asks for nothing more. */
async function judge(front: FrontGateway, { text, file, files }: SentDocument): Promise<Judged> {
  const reading = readDocument(text, { file });
  const known = new UpstreamState(front);
  const models = modelInputs(front.gateway.catalogue);
  const readFile = (path: string): string | null => files.get(path) ?? null;
  for (let round = 0; ; round += 1) {
    const registered = new AskedSchemas(registeredSchemas(known.state));
    const asked: VersionName[] = [];
    const version = (subject: string, wanted: number): AppliedSchema | null => {
      asked.push({ subject, version: wanted });
      return registeredVersion(known.state, subject, wanted);
    };
    const checked = checkDocument(reading, { readFile, registered, version, models });
    const isMore = round < roundsMax && ((await known.load(registered.asked)) || (await known.loadVersions(asked)));
    if (!isMore) return { document: reading.document, checked };
  }
}

class AskedSchemas extends Map<string, AppliedSchema> {
  readonly asked = new Set<string>();

  override get(subject: string): AppliedSchema | undefined {
    this.asked?.add(subject);
    return super.get(subject);
  }
}

async function apply(front: FrontGateway, sent: SentDocument, signal: AbortSignal): ReturnType<Documents['apply']> {
  const { gateway, registry } = front;
  const judged = await judge(front, sent);
  refuseWrong(judged.checked.complaints, sent.file);
  const foreseen = await resolve(judged, (schema) => foresee(registry, schema));
  const registered = newOnes(foreseen);
  permitSubjects(registered);
  const { topics } = judged.checked;
  await ensureTopics(
    gateway.kafka,
    topics.map((topic) => ({ ...topic, retentionMs: topic.retentionMs ?? -1 })),
  );
  const { schemas, references } = await resolve(judged, (schema) => registerDerived(registry, schema));
  const changes = await gateway.log.change((ahead) => {
    const before = ahead.pipelines.get(judged.document?.pipeline ?? '') ?? null;
    const after = applyDocument(judged.document as PipelineDocument, schemas, gateway.clock.nowMs());
    const records = before?.version === after.version ? [] : [pipelineRecord(after.pipeline, after)];
    return { records, answer: changesOf(before, after, { references, registered }) };
  }, signal);
  const { pipeline, version } = changes.after;
  if (changes.before?.version !== version) gateway.tell('pipeline.applied', { pipeline, version });
  return { ...changes, checked: judged.checked };
}

function planned({ gateway }: FrontGateway, { document, checked }: Judged, resolved: Resolved): Planned {
  const { complaints } = checked;
  if (document === null || complaints.length > 0) return { complaints, checked, changes: null };
  const { schemas, references } = resolved;
  const before = gateway.log.state.pipelines.get(document.pipeline) ?? null;
  const changes: Changes = changesOf(before, applyDocument(document, schemas, gateway.clock.nowMs()), {
    references,
    registered: newOnes(resolved),
  });
  return { complaints, checked, changes };
}

interface Resolved {
  readonly references: readonly AppliedSchema[];
  readonly schemas: readonly AppliedSchema[];
}

type ResolveOne = (schema: DerivedSchema) => Promise<AppliedSchema>;

async function resolve({ document, checked }: Judged, one: ResolveOne): Promise<Resolved> {
  if (document === null || checked.complaints.length > 0) return { references: [], schemas: [] };
  return resolveSchemas(checked, one);
}

/** One after the other: each may refer to those before it. */
export async function resolveSchemas(
  derived: Pick<CheckedDocument, 'references' | 'schemas'>,
  one: ResolveOne,
): Promise<Resolved> {
  const versions = new Map<string, number>();
  const texts = new Map<string, string>();
  const found = (schema: DerivedSchema): Promise<AppliedSchema> => one(withTexts(pinReferences(schema, versions), texts));
  const references: AppliedSchema[] = [];
  for (const schema of derived.references) {
    const reference = await found(schema);
    versions.set(reference.subject, reference.version);
    texts.set(schema.text, reference.text);
    references.push(reference);
  }
  const schemas: AppliedSchema[] = [];
  for (const schema of derived.schemas) schemas.push(await found(schema));
  return { references, schemas };
}

/** What is imported as it is stored upstream, where it may be printed anew: else a document would change by being applied again. */
function withTexts(schema: DerivedSchema, texts: ReadonlyMap<string, string>): DerivedSchema {
  const { imports } = schema;
  if (imports === undefined) return schema;
  return { ...schema, imports: imports.map(({ name, text }) => ({ name, text: texts.get(text) ?? text })) };
}

function newOnes({ references, schemas }: Resolved): Set<string> {
  return new Set([...references, ...schemas].filter(({ id }) => id === 0).map(({ subject }) => subject));
}

/** Throws `registry.incompatible` as upstream says it, and `gateway.not-upstream` where a GUID is needed that it does not know. */
export async function registerDerived(registry: UpstreamRegistry, schema: DerivedSchema): Promise<AppliedSchema> {
  const latest = await registry.latest(schema.subject);
  return appliedAs(registry, schema, await registry.register(schema.subject, ruledBy(latest, schema)));
}

async function appliedAs(registry: UpstreamRegistry, schema: DerivedSchema, found: UpstreamVersion): Promise<AppliedSchema> {
  const applied = appliedOf(schema, found);
  return schema.isNamedByGuid === true ? { ...applied, guid: await demandGuid(registry, found) } : applied;
}

/** As registering would answer it; id 0 for what upstream does not hold yet. */
async function foresee(registry: UpstreamRegistry, schema: DerivedSchema): Promise<AppliedSchema> {
  const latest = await registry.latest(schema.subject);
  const ruled = ruledBy(latest, schema);
  const found = await registry.find(schema.subject, ruled);
  if (found !== null) return appliedAs(registry, schema, found);
  const { subject, text, references = [], metadata, ruleSet } = ruled;
  const applied = appliedOf(schema, { subject, id: 0, version: (latest?.version ?? 0) + 1, schema: text });
  if (schema.isNamedByGuid !== true) return applied;
  return { ...applied, guid: guidFor({ schema: text, references: [...references], metadata, ruleSet }) };
}

/** A document says nothing of rules: those of the latest version hold, also where one without them says the same. */
function ruledBy(latest: UpstreamVersion | null, schema: DerivedSchema): DerivedSchema & Contract {
  return { ...schema, metadata: latest?.metadata ?? null, ruleSet: latest?.ruleSet ?? null };
}

function appliedOf(
  { isNamedByGuid: _isNamedByGuid, ...derived }: DerivedSchema,
  { id, version, schema, metadata, ruleSet }: Omit<UpstreamVersion, 'references'>,
): AppliedSchema {
  return { ...derived, id, version, text: schema, ...contractOf({ metadata: metadata ?? null, ruleSet: ruleSet ?? null }) };
}
