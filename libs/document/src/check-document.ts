import { messageOf } from '@penstock/kernel';
import type { CheckFacts, DerivedSchema } from './check-facts.ts';
import type { Complaint } from './complaint.ts';
import { documentLanguage } from './language/document.ts';
import type { RetrainPlan, StagePlan, TopicPlan } from './pipeline-plan.ts';
import { formatPath } from './reading/issues.ts';
import type { Places } from './reading/places.ts';
import type { DocumentReading } from './reading/read-document.ts';
import { FileSources } from './schemas/file-sources.ts';
import { ReferencedSchemas } from './schemas/referenced-schemas.ts';
import type { Complaints, Fault } from './typing/complaints.ts';
import { typePipeline } from './typing/type-pipeline.ts';

export interface CheckedDocument {
  /** Empty: the document can be applied. In the order of the text. */
  readonly complaints: readonly Complaint[];
  /** Those that records are written with. */
  readonly schemas: readonly DerivedSchema[];
  /** What these refer to, out of files: to be registered before them, in this order. */
  readonly references: readonly DerivedSchema[];
  readonly topics: readonly TopicPlan[];
  /** Ids and versions of schemas that are not registered yet are 0. */
  readonly stages: readonly StagePlan[];
  readonly retrain: RetrainPlan | null;
}

/** Types a document through all its stages, offline. Never throws for a wrong document. */
export function checkDocument({ document, complaints, places }: DocumentReading, facts: CheckFacts): CheckedDocument {
  const nothing = { complaints, schemas: [], references: [], topics: [], stages: [], retrain: null };
  if (document === null) return nothing;
  const parsed = documentLanguage.safeParse(document);
  if (!parsed.success) throw new TypeError(`a document that was read does not parse: ${messageOf(parsed.error)}`);
  const found: Complaint[] = [];
  const collector = { add: (fault: Fault): void => void found.push(complaintOf(fault, places)) };
  const referenced = new ReferencedSchemas(facts, parsed.data.schemas, collector);
  const sources = new FileSources(facts, referenced, collector);
  const typed = typePipeline(parsed.data, sources, collector);
  if (found.length === 0 && facts.applied === undefined) complainOfUnused(referenced, collector);
  const sorted = [...complaints, ...distinct(found)].sort(byPlace);
  return { complaints: sorted, schemas: named(sources.schemas, typed.stages), references: referenced.schemas, ...typed };
}

/** Those that records name by a GUID say so. */
function named(schemas: readonly DerivedSchema[], stages: readonly StagePlan[]): readonly DerivedSchema[] {
  const byGuid = new Set(stages.filter(({ output }) => output.schemaId === 'header').map(({ output }) => output.schema?.subject));
  return schemas.map((schema) => (byGuid.has(schema.subject) ? { ...schema, isNamedByGuid: true } : schema));
}

/** What nobody names is a name that somebody misspelt. */
function complainOfUnused({ unused }: ReferencedSchemas, complaints: Complaints): void {
  for (const name of unused) {
    const message = `no schema of this document refers to ${name}`;
    complaints.add({ path: ['schemas', name], isOfKey: true, code: 'document.unused', message });
  }
}

function complaintOf({ path, code, message, suggestion, offset, isOfKey }: Fault, places: Places): Complaint {
  const place = isOfKey === true ? places.key(path) : offset === undefined ? places.value(path) : places.inside(path, offset);
  return { code, message, path: formatPath(path), ...place, ...(suggestion === undefined ? {} : { suggestion }) };
}

/** What is described once and used by several stages is wrong once. */
function distinct(complaints: readonly Complaint[]): Complaint[] {
  return [...new Map(complaints.map((complaint) => [`${complaint.path} ${complaint.message}`, complaint])).values()];
}

function byPlace(left: Complaint, right: Complaint): number {
  return left.line - right.line || left.column - right.column;
}
