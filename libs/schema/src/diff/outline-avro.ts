import { type AvroField, type AvroRecord, type AvroType, shortName } from '../avro/model.ts';
import type { AvroSchema } from '../avro/schema.ts';
import { aspectsOf, type OutlineEntry, stepInto } from './outline-entry.ts';

/** The fields of an Avro schema, nested ones under the field that holds them. */
export function outlineAvro({ type }: AvroSchema): OutlineEntry[] {
  const entries: OutlineEntry[] = [
    {
      key: '',
      path: '',
      order: null,
      aliases: [],
      aspects: aspectsOf({ type: textOf(type), symbols: symbolsOf(type), doc: docOf(type) }),
    },
  ];
  outlineWithin(type, '', { entries, seen: new Set() });
  return entries;
}

interface Outlining {
  readonly entries: OutlineEntry[];
  /** Records that are listed already: each is once, so recursion ends. */
  readonly seen: Set<AvroRecord>;
}

function outlineWithin(type: AvroType, path: string, outlining: Outlining): void {
  if (type.kind === 'array') return outlineWithin(type.items, stepInto(path, '[]'), outlining);
  if (type.kind === 'map') return outlineWithin(type.values, stepInto(path, '{}'), outlining);
  if (type.kind === 'record') return outlineRecord(type, path, outlining);
  if (type.kind !== 'union') return;
  const branches = type.branches.filter(({ kind }) => kind !== 'null');
  for (const branch of branches) {
    const step = branches.length > 1 && 'name' in branch ? `(${shortName(branch.name)})` : '';
    outlineWithin(branch, path + step, outlining);
  }
}

function outlineRecord(record: AvroRecord, path: string, outlining: Outlining): void {
  if (outlining.seen.has(record)) return;
  outlining.seen.add(record);
  for (const [place, field] of record.fields.entries()) {
    const own = stepInto(path, field.name);
    outlining.entries.push({
      key: `${record.name}.${field.name}`,
      path: own,
      order: { within: record.name, place },
      aliases: field.aliases.map((alias) => stepInto(path, alias)),
      aspects: aspectsOfField(field),
    });
    outlineWithin(field.type, own, outlining);
  }
}

function aspectsOfField({ type, default: fallback, doc, unit }: AvroField): ReadonlyMap<string, string> {
  return aspectsOf({
    type: textOf(type),
    symbols: symbolsOf(type),
    default: fallback === undefined ? undefined : JSON.stringify(fallback.json),
    unit,
    doc,
  });
}

function docOf(type: AvroType): string | undefined {
  return type.kind === 'record' ? type.doc : undefined;
}

/** A type in a few words: `null | double`, `array<rooms.Place>`, `long (timestamp-millis)`. */
function textOf(type: AvroType): string {
  switch (type.kind) {
    case 'record':
      return type.name;
    case 'enum':
      return `enum ${type.name}`;
    case 'fixed':
      return `fixed ${type.name} (${type.size} bytes)`;
    case 'array':
      return `array<${textOf(type.items)}>`;
    case 'map':
      return `map<${textOf(type.values)}>`;
    case 'union':
      return type.branches.map(textOf).join(' | ');
    default:
      return type.logicalType === undefined ? type.kind : `${type.kind} (${type.logicalType})`;
  }
}

/** Of the enums that a type holds. */
function symbolsOf(type: AvroType): string | undefined {
  if (type.kind === 'enum') {
    const fallback = type.default === undefined ? '' : `, else ${type.default}`;
    return type.symbols.join(', ') + fallback;
  }
  if (type.kind === 'array') return symbolsOf(type.items);
  if (type.kind === 'map') return symbolsOf(type.values);
  if (type.kind !== 'union') return undefined;
  return type.branches.map(symbolsOf).find((symbols) => symbols !== undefined);
}
