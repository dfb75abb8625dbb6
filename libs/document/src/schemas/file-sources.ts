import { Problem } from '@penstock/kernel';
import { canonicalOf, parseSchema, type SchemaFormat } from '@penstock/schema';
import type { AppliedSchema } from '../applied.ts';
import type { CheckFacts, DerivedSchema } from '../check-facts.ts';
import type { DocumentPath } from '../reading/places.ts';
import type { Complaints } from '../typing/complaints.ts';
import type { DerivedTopic, SchemaSources } from '../typing/schema-sources.ts';
import { deriveMessage } from './derived-message.ts';

/** Schemas as `apply` would register them: from files beside the document, and derived from what stages make. */
export class FileSources implements SchemaSources {
  readonly #facts: CheckFacts;
  readonly #complaints: Complaints;
  readonly #schemas = new Map<string, DerivedSchema>();

  constructor(facts: CheckFacts, complaints: Complaints) {
    this.#facts = facts;
    this.#complaints = complaints;
  }

  /** What was asked for: all that the document needs. */
  get schemas(): readonly DerivedSchema[] {
    return [...this.#schemas.values()];
  }

  file(reference: string, subject: string, path: DocumentPath): AppliedSchema | null {
    const [file = '', message] = reference.split('#');
    const text = this.#facts.readFile(file, subject);
    if (text === null) return this.#refuse(path, `there is no file ${file} beside the document`);
    const schema = { subject, format: formatOf(file), text, ...(message === undefined ? {} : { message }) };
    const fault = faultIn(schema);
    return fault === null ? this.#keep(schema) : this.#refuse(path, `${file}: ${fault}`);
  }

  derived({ pipeline, topic, subject, fields, path }: DerivedTopic): AppliedSchema | null {
    const registered = this.#facts.registered?.get(subject) ?? null;
    if (registered !== null && registered.format !== 'PROTOBUF') {
      return this.#refuse(
        path,
        `${subject} is registered as ${registered.format}, and what a stage makes is written as Protobuf`,
      );
    }
    const known =
      registered === null
        ? null
        : { text: registered.text, ...(registered.message === undefined ? {} : { message: registered.message }) };
    const { text, message } = deriveMessage({ pipeline, topic, fields }, known);
    const schema = { subject, format: 'PROTOBUF', text, message } as const;
    const fault = faultIn(schema);
    return fault === null ? this.#keep(schema) : this.#refuse(path, `what the stage makes fits no schema: ${fault}`);
  }

  passed({ format, text, message }: AppliedSchema, subject: string): AppliedSchema {
    return this.#keep({ subject, format, text, ...(message === undefined ? {} : { message }) });
  }

  registered(subject: string): AppliedSchema | null {
    const found = this.#facts.registered?.get(subject);
    if (found === undefined) return null;
    const { format, text, message } = found;
    return this.#keep({ subject, format, text, ...(message === undefined ? {} : { message }) });
  }

  model(name: string, alias: string): ReturnType<SchemaSources['model']> {
    return this.#facts.models?.get(`${name}/${alias}`) ?? null;
  }

  /** What is registered and says the same stays as it stands, so that a comment more makes no new version. */
  #keep(schema: DerivedSchema): AppliedSchema {
    const registered = this.#facts.registered?.get(schema.subject);
    const isSame = registered !== undefined && saysTheSame(registered, schema);
    const kept = isSame ? { ...schema, text: registered.text } : schema;
    this.#schemas.set(schema.subject, kept);
    return { ...kept, id: isSame ? registered.id : 0, version: isSame ? registered.version : 0 };
  }

  #refuse(path: DocumentPath, message: string): null {
    this.#complaints.add({ path, code: 'document.schema', message });
    return null;
  }
}

function faultIn(schema: DerivedSchema): string | null {
  try {
    parseSchema(schema);
    return null;
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown.message;
    throw thrown;
  }
}

function saysTheSame(registered: AppliedSchema, schema: DerivedSchema): boolean {
  return registered.format === schema.format && canonicalOf(registered) === canonicalOf(schema);
}

function formatOf(file: string): SchemaFormat {
  if (file.endsWith('.proto')) return 'PROTOBUF';
  return file.endsWith('.avsc') ? 'AVRO' : 'JSON';
}
