import { type AppliedSchema, type CheckedDocument, type DerivedSchema, pinReferences } from '@penstock/document';
import { decideRegistration, guidOf, readDraft, registryProblems } from '@penstock/registry';
import type { Contract } from '@penstock/schema';
import { fold, type LogRecord, schemaRecords } from '../log/records.ts';
import type { State } from '../log/state.ts';
import { describeIncompatibilities } from '../schemas/describe.ts';
import { appliedOf } from './applied-schema.ts';

export interface RegisteredSchemas {
  /** Those that records are written with. */
  readonly schemas: readonly AppliedSchema[];
  /** What these refer to, as far as it came with them. */
  readonly references: readonly AppliedSchema[];
  readonly records: readonly LogRecord[];
}

/**
 * Registers what a document needs, each against those before it, and what others refer to before these. `layer` takes in what comes of
 * it. Throws `registry.incompatible`.
 */
export function registerSchemas(layer: State, derived: Pick<CheckedDocument, 'schemas' | 'references'>): RegisteredSchemas {
  const records: LogRecord[] = [];
  const versions = new Map<string, number>();
  const take = (schema: DerivedSchema): AppliedSchema => {
    const taken = registerSchema(layer, pinReferences(schema, versions));
    records.push(...taken.records);
    return taken.applied;
  };
  const references = derived.references.map((schema) => {
    const applied = take(schema);
    versions.set(applied.subject, applied.version);
    return applied;
  });
  return { references, schemas: derived.schemas.map(take), records };
}

function registerSchema(
  layer: State,
  { subject, format, text, message, references = [], isNamedByGuid }: DerivedSchema,
): { readonly applied: AppliedSchema; readonly records: readonly LogRecord[] } {
  const candidate = readDraft(layer.registry, subject, { format, text, references, ...latestContract(layer, subject) });
  const registration = decideRegistration(layer.registry, subject, { candidate, given: null });
  const { id, version, verdict } = registration;
  if (verdict !== null && verdict.incompatibilities.length > 0) {
    throw registryProblems.incompatible(`${subject}: ${describeIncompatibilities(verdict)}`, { facts: { subject } });
  }
  const records = schemaRecords(registration.records);
  for (const record of records) fold(layer, record);
  const { content } = layer.registry.version(subject, version) ?? candidate;
  const applied = {
    ...appliedOf(layer.registry, content, { subject, id, version }),
    ...(isNamedByGuid === true ? { guid: guidOf(content) } : {}),
    ...(message === undefined ? {} : { message }),
  };
  return { applied, records };
}

/** A document says nothing of rules: those of the latest version hold, also where one without them says the same. */
function latestContract({ registry }: State, subject: string): Contract {
  const latest = registry.versions(subject).findLast(({ deleted }) => !deleted);
  return { metadata: latest?.content.metadata ?? null, ruleSet: latest?.content.ruleSet ?? null };
}
