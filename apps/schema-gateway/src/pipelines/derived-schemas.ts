import type { AppliedSchema, DerivedSchema } from '@penstock/document';
import { decideRegistration, readDraft, registryProblems } from '@penstock/registry';
import { contractOf } from '@penstock/schema';
import { fold, type LogRecord, schemaRecords } from '../log/records.ts';
import type { State } from '../log/state.ts';
import { describeIncompatibilities } from '../schemas/describe.ts';

export interface RegisteredSchemas {
  readonly schemas: readonly AppliedSchema[];
  readonly records: readonly LogRecord[];
}

/** Registers what a document needs, each against those before it. `layer` takes in what comes of it. Throws `registry.incompatible`. */
export function registerSchemas(layer: State, derived: readonly DerivedSchema[]): RegisteredSchemas {
  const records: LogRecord[] = [];
  const schemas = derived.map((schema): AppliedSchema => {
    const { subject, format, text, message } = schema;
    const candidate = readDraft(layer.registry, subject, { format, text });
    const registration = decideRegistration(layer.registry, subject, { candidate, given: null });
    const { id, version, verdict } = registration;
    if (verdict !== null && verdict.incompatibilities.length > 0) {
      throw registryProblems.incompatible(`${subject}: ${describeIncompatibilities(verdict)}`, { facts: { subject } });
    }
    const added = schemaRecords(registration.records);
    for (const record of added) fold(layer, record);
    records.push(...added);
    const { content } = layer.registry.version(subject, version) ?? candidate;
    const named = message === undefined ? {} : { message };
    return { subject, id, version, format, text: content.text, ...named, ...contractOf(content) };
  });
  return { schemas, records };
}
