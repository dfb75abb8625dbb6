import type { AppliedSchema } from '../applied.ts';
import type { CheckFacts, DerivedSchema } from '../check-facts.ts';
import type { DocumentPath } from '../reading/places.ts';
import type { Complaints } from '../typing/complaints.ts';
import type { DerivedTopic, SchemaSources } from '../typing/schema-sources.ts';
import { deriveMessage } from './derived-message.ts';
import type { ReferencedSchemas } from './referenced-schemas.ts';
import { asRegistered, faultIn, formatOf, hiddenIn } from './registered-form.ts';

/** Schemas as `apply` would register them: from files beside the document, and derived from what stages make. */
export class FileSources implements SchemaSources {
  readonly #facts: CheckFacts;
  readonly #referenced: ReferencedSchemas;
  readonly #complaints: Complaints;
  readonly #schemas = new Map<string, DerivedSchema>();

  constructor(facts: CheckFacts, referenced: ReferencedSchemas, complaints: Complaints) {
    this.#facts = facts;
    this.#referenced = referenced;
    this.#complaints = complaints;
  }

  /** What was asked for: all that records are written with. */
  get schemas(): readonly DerivedSchema[] {
    return [...this.#schemas.values()];
  }

  file(reference: string, subject: string, path: DocumentPath): AppliedSchema | null {
    const applied = this.#facts.applied?.get(subject);
    if (applied !== undefined) return this.#keep(derivedOf(applied));
    const [file = '', message] = reference.split('#');
    const text = this.#facts.readFile(file);
    if (text === null) return this.#refuse(path, `there is no file ${file} beside the document`);
    const format = formatOf(file);
    const referred = this.#referenced.of({ format, text, file, path });
    if (referred === null) return null;
    const schema = { subject, format, text, ...(message === undefined ? {} : { message }), ...referred.referring };
    const fault = faultIn(schema);
    if (fault === null) return this.#keep(schema);
    return this.#refuse(path, `${file}: ${fault}${this.#referenced.hintFor(referred.unknown)}`);
  }

  derived({ pipeline, topic, subject, fields, path }: DerivedTopic): AppliedSchema | null {
    const registered = this.#facts.registered?.get(subject) ?? null;
    if (registered !== null && registered.format !== 'PROTOBUF') {
      return this.#refuse(
        path,
        `${subject} is registered as ${registered.format}, and what a stage makes is written as Protobuf`,
      );
    }
    const { text, message } = deriveMessage({ pipeline, topic, fields }, registered);
    const schema = { subject, format: 'PROTOBUF', text, message } as const;
    const fault = faultIn(schema);
    return fault === null ? this.#keep(schema) : this.#refuse(path, `what the stage makes fits no schema: ${fault}`);
  }

  passed(schema: AppliedSchema, subject: string): AppliedSchema {
    return this.#keep({ ...derivedOf(schema), subject });
  }

  registered(subject: string): AppliedSchema | null {
    const found = this.#facts.registered?.get(subject);
    return found === undefined ? null : this.#keep(derivedOf(found));
  }

  /** A deployed document runs on with rules that were registered after it: not to register them would hide less. */
  encrypted(schema: AppliedSchema): readonly string[] {
    const contract = this.#facts.registered?.get(schema.subject)?.contract;
    return contract === undefined || this.#facts.applied !== undefined ? [] : hiddenIn({ ...schema, contract });
  }

  model(name: string, alias: string): ReturnType<SchemaSources['model']> {
    return this.#facts.models?.get(`${name}/${alias}`) ?? null;
  }

  #keep(schema: DerivedSchema): AppliedSchema {
    const kept = asRegistered(schema, this.#facts.registered?.get(schema.subject));
    this.#schemas.set(schema.subject, derivedOf(kept));
    return kept;
  }

  #refuse(path: DocumentPath, message: string): null {
    this.#complaints.add({ path, code: 'document.schema', message });
    return null;
  }
}

/** Without what only the registry says: its metadata and rules are those of the version that is registered in the end. */
function derivedOf({ subject, format, text, message, references, imports }: AppliedSchema): DerivedSchema {
  return {
    subject,
    format,
    text,
    ...(message === undefined ? {} : { message }),
    ...(references === undefined ? {} : { references }),
    ...(imports === undefined ? {} : { imports }),
  };
}
