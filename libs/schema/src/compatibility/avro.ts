import {
  type AvroEnum,
  type AvroField,
  type AvroFixed,
  type AvroRecord,
  type AvroType,
  type AvroUnion,
  shortName,
} from '../avro/model.ts';
import { notSupported } from '../problems.ts';
import type { Incompatibility } from './incompatibility.ts';

/** Avro 1.12, "Schema Resolution": what each primitive can be read from besides itself. */
const promotions: Readonly<Record<string, readonly string[]>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  bytes: ['string'],
  string: ['bytes'],
};

/** Types may lead to one another, each to the next, and branches of two unions all be called the same. */
const depthMax = 500;
const stepsMax = 200_000;

interface Pair {
  readonly reader: AvroType;
  readonly writer: AvroType;
}

/** Everything that keeps `reader` from reading what `writer` wrote, each reason once. */
export function checkAvro(reader: AvroType, writer: AvroType): Incompatibility[] {
  const found = new AvroCheck().check({ reader, writer }, '');
  return [...new Map(found.map((each) => [`${each.type} ${each.path} ${each.message}`, each])).values()];
}

/**
 * A pair of types that is met again while it is looked at passes for compatible: a recursive type is as good as what else it
 * holds. When it turns out not to be, everything that passed in the meantime is open again.
 */
class AvroCheck {
  readonly #known = new Map<AvroType, Map<AvroType, readonly Incompatibility[]>>();
  readonly #passed: Pair[] = [];
  #depth = 0;
  #steps = 0;

  check(pair: Pair, path: string): readonly Incompatibility[] {
    const byWriter = this.#known.get(pair.reader) ?? new Map<AvroType, readonly Incompatibility[]>();
    this.#known.set(pair.reader, byWriter);
    const known = byWriter.get(pair.writer);
    if (known !== undefined) return known.slice(0, 1); // the others were told where it was met first
    const mark = this.#passed.length;
    byWriter.set(pair.writer, []);
    this.#depth += 1;
    this.#steps += 1;
    if (this.#depth > depthMax) throw notSupported(`Avro schema: types nested deeper than ${depthMax} are not compared`);
    if (this.#steps > stepsMax) throw notSupported('Avro schema: the two have too much in them to be compared');
    const found = this.#compare(pair, path);
    this.#depth -= 1;
    byWriter.set(pair.writer, found);
    if (found.length === 0) this.#passed.push(pair);
    else for (const { reader, writer } of this.#passed.splice(mark)) this.#known.get(reader)?.delete(writer);
    return found;
  }

  #compare({ reader, writer }: Pair, path: string): readonly Incompatibility[] {
    if (writer.kind === 'union') return this.#everyBranch(reader, writer.branches, path);
    if (reader.kind === 'union') return this.#someBranch(reader, writer, path);
    if (reader.kind === 'array' && writer.kind === 'array')
      return this.check({ reader: reader.items, writer: writer.items }, `${path}/items`);
    if (reader.kind === 'map' && writer.kind === 'map')
      return this.check({ reader: reader.values, writer: writer.values }, `${path}/values`);
    if (reader.kind === 'record' && writer.kind === 'record') return this.#record(reader, writer, path);
    if (reader.kind === 'enum' && writer.kind === 'enum')
      return [...names(reader, writer, path), ...symbols(reader, writer, path)];
    if (reader.kind === 'fixed' && writer.kind === 'fixed')
      return [...names(reader, writer, path), ...sizes(reader, writer, path)];
    if (reader.kind === writer.kind || promotions[reader.kind]?.includes(writer.kind)) return [];
    return [
      {
        type: 'TYPE_MISMATCH',
        path: path || '/',
        message: `a ${labelOf(writer)} cannot be read as a ${labelOf(reader)}`,
        reader: labelOf(reader),
        writer: labelOf(writer),
      },
    ];
  }

  /** Whatever branch was written must be readable. */
  #everyBranch(reader: AvroType, branches: readonly AvroType[], path: string): Incompatibility[] {
    if (reader.kind !== 'union') return branches.flatMap((writer) => this.check({ reader, writer }, path));
    return branches.flatMap((writer) => this.#someBranch(reader, writer, path));
  }

  #someBranch(union: AvroUnion, writer: AvroType, path: string): readonly Incompatibility[] {
    const branches = likely(union, writer);
    const attempts = branches.map((reader) => this.check({ reader, writer }, path));
    if (attempts.some((attempt) => attempt.length === 0)) return [];
    // The branch that is meant says more than that none fits.
    const meant = branches.findIndex((branch) => branch.kind === writer.kind && sameName(branch, writer));
    const details = attempts[meant] ?? [];
    if (details.length > 0) return details;
    return [
      {
        type: 'MISSING_UNION_BRANCH',
        path: path || '/',
        message: `the union of the reader has no branch that reads a ${labelOf(writer)}`,
        reader: unionLabel(union),
        writer: labelOf(writer),
      },
    ];
  }

  #record(reader: AvroRecord, writer: AvroRecord, path: string): Incompatibility[] {
    const fields = reader.fields.flatMap((field, index) => {
      const [written, ...others] = writerFields(field, writer);
      const at = `${path}/fields/${index}`;
      if (others.length > 0) return [manyFields(field, at)];
      if (written !== undefined) return this.check({ reader: field.type, writer: written.type }, `${at}/type`);
      return field.default === undefined ? [missingDefault(field, at)] : [];
    });
    return [...names(reader, writer, path), ...fields];
  }
}

function missingDefault({ name, type }: AvroField, path: string): Incompatibility {
  return {
    type: 'READER_FIELD_MISSING_DEFAULT_VALUE',
    path,
    message: `the field ${name} has no default, and what was written does not have it`,
    reader: `${name}: ${labelOf(type)}`,
  };
}

function manyFields({ name, aliases, type }: AvroField, path: string): Incompatibility {
  return {
    type: 'READER_FIELD_MATCHES_MANY_FIELDS',
    path,
    message: `the field ${name} with its aliases ${aliases.join(', ')} means more than one field of what was written`,
    reader: `${name}: ${labelOf(type)}`,
  };
}

/** Those that are meant by the name or by an alias; Avro for Java reads nothing where they are many. */
function writerFields({ name, aliases }: AvroField, writer: AvroRecord): readonly AvroField[] {
  const places = placesOf(writer);
  const found = new Set([name, ...aliases].flatMap((known) => places.get(known) ?? []));
  return [...found].flatMap((place) => writer.fields[place] ?? []);
}

const fieldPlaces = new WeakMap<AvroRecord, ReadonlyMap<string, number>>();

function placesOf(record: AvroRecord): ReadonlyMap<string, number> {
  const known = fieldPlaces.get(record) ?? new Map(record.fields.map(({ name }, index) => [name, index]));
  fieldPlaces.set(record, known);
  return known;
}

interface Branches {
  readonly unnamed: readonly AvroType[];
  readonly named: ReadonlyMap<string, readonly AvroType[]>;
}

const unions = new WeakMap<AvroUnion, Branches>();

/** The branches that may read a type: named ones only what is called like them. */
function likely(union: AvroUnion, writer: AvroType): readonly AvroType[] {
  const { unnamed, named } = unions.get(union) ?? indexed(union);
  if (!('name' in writer)) return unnamed;
  const byName = [...(named.get(shortName(writer.name)) ?? []), ...(named.get(`=${writer.name}`) ?? [])];
  return [...unnamed, ...new Set(byName)];
}

/** Aliases are in full, and apart from short names. */
function indexed(union: AvroUnion): Branches {
  const named = new Map<string, AvroType[]>();
  for (const branch of union.branches) {
    if (!('name' in branch)) continue;
    for (const name of [shortName(branch.name), ...branch.aliases.map((alias) => `=${alias}`)]) {
      const others = named.get(name) ?? [];
      named.set(name, others);
      others.push(branch);
    }
  }
  const made = { unnamed: union.branches.filter((branch) => !('name' in branch)), named };
  unions.set(union, made);
  return made;
}

type Named = AvroRecord | AvroEnum | AvroFixed;

/** Names go by their last part, or by an alias in full. */
function names(reader: Named, writer: Named, path: string): Incompatibility[] {
  if (sameName(reader, writer)) return [];
  return [
    {
      type: 'NAME_MISMATCH',
      path: `${path}/name`,
      message: `the ${reader.kind} is called ${reader.name}, what was written is called ${writer.name}, and no alias says that they are the same`,
      reader: reader.name,
      writer: writer.name,
    },
  ];
}

function sameName(reader: AvroType, writer: AvroType): boolean {
  if (!('name' in reader) || !('name' in writer)) return reader.kind === writer.kind;
  return shortName(reader.name) === shortName(writer.name) || reader.aliases.includes(writer.name);
}

function symbols(reader: AvroEnum, writer: AvroEnum, path: string): Incompatibility[] {
  const known = new Set(reader.symbols);
  const missing = writer.symbols.filter((symbol) => !known.has(symbol));
  if (missing.length === 0 || reader.default !== undefined) return [];
  return [
    {
      type: 'MISSING_ENUM_SYMBOLS',
      path: `${path}/symbols`,
      message: `the enum ${reader.name} lacks ${missing.join(', ')} and has no default`,
      reader: reader.symbols.join(', '),
      writer: writer.symbols.join(', '),
    },
  ];
}

function sizes(reader: AvroFixed, writer: AvroFixed, path: string): Incompatibility[] {
  if (reader.size === writer.size) return [];
  return [
    {
      type: 'FIXED_SIZE_MISMATCH',
      path: `${path}/size`,
      message: `expected ${reader.size} bytes of ${reader.name}, ${writer.size} were written`,
      reader: String(reader.size),
      writer: String(writer.size),
    },
  ];
}

function labelOf(type: AvroType): string {
  return 'name' in type ? `${type.kind} ${type.name}` : type.kind;
}

const labelsMax = 50;

function unionLabel({ branches }: AvroUnion): string {
  const labels = branches.slice(0, labelsMax).map(labelOf).join(' | ');
  return branches.length > labelsMax ? `${labels} | ${branches.length - labelsMax} others` : labels;
}
