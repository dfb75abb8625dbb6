import { posix } from 'node:path';
import { nearestOf } from '@penstock/expressions';
import { Problem } from '@penstock/kernel';
import { referredNames, type SchemaFormat, type SchemaReference } from '@penstock/schema';
import type { Referring, SchemaImport } from '../applied.ts';
import type { CheckFacts, DerivedSchema } from '../check-facts.ts';
import type { ReferencedLanguage } from '../language/schemas.ts';
import type { DocumentPath } from '../reading/places.ts';
import type { Complaints } from '../typing/complaints.ts';
import { asRegistered, faultIn, formatOf } from './registered-form.ts';

/** A text that may name others. */
export interface SchemaFile {
  readonly format: SchemaFormat;
  readonly text: string;
  /** Where it lies, from the document on. */
  readonly file: string;
  /** Where the document asks for it. */
  readonly path: DocumentPath;
}

export interface Referred {
  readonly referring: Referring;
  /** Names that lead nowhere: the text may do without, as where another import says them too. */
  readonly unknown: readonly string[];
}

interface Named {
  readonly file: string | null;
  readonly reference: SchemaReference;
  /** Its own text last. */
  readonly imports: readonly SchemaImport[];
}

/** A file that was found for a name. */
interface Found extends SchemaFile {
  readonly subject: string;
}

const depthMax = 32;

/** What the schemas of a document refer to: declared in it by name, or a file beside the one that names it. Each is read once. */
export class ReferencedSchemas {
  readonly #facts: CheckFacts;
  readonly #complaints: Complaints;
  readonly #declared: ReadonlyMap<string, ReferencedLanguage>;
  readonly #named = new Map<string, Named | null>();
  readonly #used = new Set<string>();
  readonly #derived = new Map<string, DerivedSchema>();
  #open: readonly string[] = [];

  constructor(facts: CheckFacts, declared: Readonly<Record<string, ReferencedLanguage>>, complaints: Complaints) {
    this.#facts = facts;
    this.#complaints = complaints;
    this.#declared = new Map(Object.entries(declared));
  }

  /** Those out of files, in the order in which they are to be registered. */
  get schemas(): readonly DerivedSchema[] {
    return [...this.#derived.values()];
  }

  get unused(): readonly string[] {
    return [...this.#declared.keys()].filter((name) => !this.#used.has(name));
  }

  /** All that a text refers to; null when complaints were made. */
  of(from: SchemaFile): Referred | null {
    const references: SchemaReference[] = [];
    const imports = new Map<string, SchemaImport>();
    const unknown: string[] = [];
    let isWrong = false;
    for (const name of namesIn(from)) {
      const named = this.#find(name, from);
      if (named === undefined) unknown.push(name);
      else if (named === null) isWrong = true;
      else {
        references.push(named.reference);
        addMissing(imports, named.imports);
      }
    }
    if (isWrong) return null;
    return { referring: references.length === 0 ? {} : { references, imports: [...imports.values()] }, unknown };
  }

  /** Why names lead nowhere, and what to do about it. */
  hintFor(unknown: readonly string[]): string {
    if (unknown.length === 0) return '';
    const near = unknown.map((name) => nearestOf(name, this.#declared.keys())).find((each) => each !== null) ?? null;
    const meant = near === null ? '' : `, which has ${near},`;
    return `: it lies beside no file that names it; say in schemas${meant} what ${unknown.join(' and ')} stands for`;
  }

  /** Undefined: it leads nowhere. Null: a complaint was made. */
  #find(name: string, from: SchemaFile): Named | null | undefined {
    const declared = this.#declared.get(name);
    if (declared === undefined) return this.#beside(name, from);
    this.#used.add(name);
    const path = ['schemas', name];
    const { file, subject = name, version } = declared;
    if (file === undefined) return this.#registered({ name, subject, version: version ?? null }, from.format);
    const text = this.#facts.readFile(file);
    if (text === null) return this.#refuse([...path, 'file'], `there is no file ${file} beside the document`);
    return this.#read(name, { format: formatOf(file), text, file, path: [...path, 'file'], subject }, from.format);
  }

  /** In the folder of the file that names it, and in those above: names of Protobuf begin at the root of a tree. */
  #beside(name: string, from: SchemaFile): Named | null | undefined {
    if (!isFileName(name, from.format)) return undefined;
    const { root, dir } = posix.parse(posix.normalize(from.file));
    const folders = dir.split('/').filter((folder) => folder !== '');
    const above = folders.filter((folder) => folder !== '..').length;
    for (let up = 0; up <= above; up += 1) {
      const file = posix.join(root, ...folders.slice(0, folders.length - up), name);
      const text = this.#facts.readFile(file);
      if (text !== null) return this.#read(name, { ...from, text, file, subject: name }, from.format);
    }
    return undefined;
  }

  #read(name: string, found: Found, wanted: SchemaFormat): Named | null {
    const known = this.#named.get(name);
    if (known === null) return null;
    if (known !== undefined) return known.file === found.file ? known : this.#refuseTwice(name, known.file, found);
    if (found.format !== wanted)
      return this.#refuse(found.path, `${name} is ${found.format}, and what refers to it is ${wanted}`);
    if (this.#open.includes(name) || this.#open.length >= depthMax) {
      return this.#refuse(found.path, `${[...this.#open, name].join(' → ')}: schemas refer to each other in a circle`);
    }
    const before = this.#open;
    this.#open = [...before, name];
    const named = this.#keep(name, found);
    this.#open = before;
    this.#named.set(name, named);
    return named;
  }

  #keep(name: string, found: Found): Named | null {
    const { format, text, file, subject, path } = found;
    const referred = this.of(found);
    if (referred === null) return null;
    const schema: DerivedSchema = { subject, format, text, ...referred.referring };
    const fault = faultIn(schema);
    if (fault !== null) return this.#refuse(path, `${file}: ${fault}${this.hintFor(referred.unknown)}`);
    if (this.#derived.has(subject)) {
      return this.#refuse(path, `${subject} is the subject of another schema already: give ${name} one of its own in schemas`);
    }
    const { id: _id, version, ...kept } = asRegistered(schema, this.#facts.registered?.get(subject));
    this.#derived.set(subject, kept);
    const imports = [...(kept.imports ?? []), { name, text: kept.text }];
    return { file, reference: { name, subject, version }, imports };
  }

  #registered(wanted: { name: string; subject: string; version: number | null }, format: SchemaFormat): Named | null {
    const { name, subject, version } = wanted;
    const { registered, version: find } = this.#facts;
    const found = version === null ? registered?.get(subject) : find?.call(this.#facts, subject, version);
    const path = ['schemas', name];
    if (found === undefined || found === null) {
      const what = version === null ? subject : `version ${version} of ${subject}`;
      const hint = registered === undefined ? ', as far as this check knows: a gateway knows what is' : '';
      return this.#refuse(path, `${what} is not registered${hint}`);
    }
    if (found.format !== format) return this.#refuse(path, `${name} is ${found.format}, and what refers to it is ${format}`);
    const imports = [...(found.imports ?? []), { name, text: found.text }];
    return { file: null, reference: { name, subject, version: found.version }, imports };
  }

  #refuseTwice(name: string, known: string | null, { file, path }: Found): null {
    return this.#refuse(path, `${name} is ${file} here and ${known} elsewhere: say in schemas which one is meant`);
  }

  #refuse(path: DocumentPath, message: string): null {
    this.#complaints.add({ path, code: 'document.schema', message });
    return null;
  }
}

/** The first text by a name counts. */
function addMissing(imports: Map<string, SchemaImport>, more: readonly SchemaImport[]): void {
  for (const each of more) if (!imports.has(each.name)) imports.set(each.name, each);
}

/** None in a text that cannot be read: whoever parses it says why. */
function namesIn(schema: SchemaFile): readonly string[] {
  try {
    return referredNames(schema);
  } catch (thrown) {
    if (thrown instanceof Problem) return [];
    throw thrown;
  }
}

/** A name of Avro is that of a type, and an address of JSON Schema is no file. */
function isFileName(name: string, format: SchemaFormat): boolean {
  if (format === 'AVRO' || name.startsWith('/')) return false;
  return format === 'PROTOBUF' ? name.endsWith('.proto') : /^[^:]+\.json$/.test(name);
}
