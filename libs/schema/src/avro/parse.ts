import { nameLengthMax } from '../name-length.ts';
import { invalidSchema } from '../problems.ts';
import { type Effort, writeDefault } from './default.ts';
import type { AvroField, AvroRecord, AvroType, PrimitiveKind } from './model.ts';
import { primitives, qualified } from './names.ts';

const namePattern = /^[A-Za-z_]\w*$/;
const depthMax = 64;

/** The named types seen so far, by full name. */
export type NamedTypes = Map<string, AvroType>;

interface Place {
  readonly named: NamedTypes;
  readonly namespace: string;
  /** Where in the schema, for messages. */
  readonly path: string;
  readonly depth: number;
  readonly effort: Effort;
  /** What is stored already is read though a default or a namespace of it is none. */
  readonly isStored: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** Builds the model of a schema's JSON. Throws `schema.invalid-schema` that says where. */
export function parseAvroType(json: unknown, named: NamedTypes, isStored: boolean): AvroType {
  return typeOf(json, { named, namespace: '', path: 'schema', depth: 0, effort: { values: 0, depth: 0 }, isStored });
}

function typeOf(json: unknown, place: Place): AvroType {
  if (place.depth > depthMax) throw invalid(place, `nested deeper than ${depthMax}`);
  if (typeof json === 'string') return reference(json, place);
  if (Array.isArray(json)) return union(json, place);
  if (typeof json !== 'object' || json === null) throw invalid(place, `expected a type, got ${JSON.stringify(json)}`);
  return complex(json as Json, place);
}

function reference(name: string, place: Place): AvroType {
  if (primitives.includes(name)) return { kind: name as PrimitiveKind };
  const found = place.named.get(qualified(name, place.namespace)) ?? place.named.get(name);
  if (found === undefined) throw invalid(place, `there is no type ${name}`);
  return found;
}

function complex(json: Json, place: Place): AvroType {
  const { type } = json;
  if (type === 'record' || type === 'error') return record(json, place);
  if (type === 'enum') return enumeration(json, place);
  if (type === 'fixed') return fixed(json, place);
  if (type === 'array') return { kind: 'array', items: typeOf(json['items'], below(place, '[]')) };
  if (type === 'map') return { kind: 'map', values: typeOf(json['values'], below(place, '{}')) };
  const logicalType = json['logicalType'];
  const inner = typeOf(type, { ...place, depth: place.depth + 1 });
  if (typeof logicalType !== 'string' || !primitives.includes(inner.kind)) return inner;
  return { ...inner, logicalType } as AvroType;
}

function union(branches: readonly unknown[], place: Place): AvroType {
  const parsed = branches.map((branch, index) => typeOf(branch, below(place, `[${index}]`)));
  const seen = new Set<string>();
  for (const branch of parsed) {
    const key = 'name' in branch ? branch.name : branch.kind;
    if (key === 'union') throw invalid(place, 'a union in a union');
    if (seen.has(key)) throw invalid(place, `two branches are ${key}`);
    seen.add(key);
  }
  if (parsed.length === 0) throw invalid(place, 'a union without branches');
  return { kind: 'union', branches: parsed };
}

function record(json: Json, place: Place): AvroType {
  const { name, namespace, aliases } = namesOf(json, place);
  const declared: AvroRecord = { kind: 'record', name, aliases, ...docOf(json), fields: [] };
  declareType(declared, place);
  const fields = json['fields'];
  if (!Array.isArray(fields)) throw invalid(place, `expected fields: [...], got ${JSON.stringify(fields)}`);
  const inside = { ...place, namespace, depth: place.depth + 1 };
  declared.fields = fields.map((field) => fieldOf(field, { ...inside, path: `${place.path}.${name}` }));
  const names = new Set<string>();
  for (const field of declared.fields) {
    if (names.has(field.name)) throw invalid(place, `two fields of ${name} are called ${field.name}`);
    names.add(field.name);
  }
  declared.fields = declared.fields.map((field) => withDefault(field, place));
  return declared;
}

function fieldOf(json: unknown, place: Place): AvroField {
  if (typeof json !== 'object' || json === null) throw invalid(place, `expected a field, got ${JSON.stringify(json)}`);
  const field = json as Json;
  const name = field['name'];
  if (typeof name !== 'string' || !namePattern.test(name))
    throw invalid(place, `expected a field's name, got ${JSON.stringify(name)}`);
  const type = typeOf(field['type'], { ...place, path: `${place.path}.${name}` });
  const given = 'default' in field ? { default: { json: field['default'] } } : {};
  const unit = typeof field['unit'] === 'string' ? { unit: field['unit'] } : {};
  return { name, aliases: strings(field['aliases']), type, ...given, ...unit, ...docOf(field), ...tagsOf(field) };
}

function tagsOf({ 'confluent:tags': tags }: Json): { readonly tags?: readonly string[] } {
  return Array.isArray(tags) ? { tags: tags.map(String) } : {};
}

function docOf({ doc }: Json): { readonly doc?: string } {
  return typeof doc === 'string' ? { doc } : {};
}

/** Checked when the whole record is known, for a default may be a value of the record itself. One that is none is as if it were not there. */
function withDefault(field: AvroField, place: Place): AvroField {
  const { default: given, ...others } = field;
  if (given === undefined || writeDefault(field.type, given.json, place.effort) !== null) return field;
  if (place.isStored) return others;
  throw invalid(place, `${field.name}: the default ${shown(given.json)} is no value of its type`);
}

/** JSON has no word for a number that is too large. */
function shown(json: unknown): string {
  return typeof json === 'number' ? String(json) : JSON.stringify(json);
}

function enumeration(json: Json, place: Place): AvroType {
  const symbols = strings(json['symbols']);
  const fallback = json['default'];
  if (new Set(symbols).size !== symbols.length) throw invalid(place, 'an enum with a symbol twice');
  if (!symbols.every((symbol) => namePattern.test(symbol))) throw invalid(place, 'an enum with a symbol that is no name');
  const given = typeof fallback === 'string' ? { default: fallback } : {};
  if (given.default !== undefined && !symbols.includes(given.default))
    throw invalid(place, `the default ${given.default} is no symbol`);
  const { name, aliases } = namesOf(json, place);
  return declareType({ kind: 'enum', name, aliases, symbols, ...given }, place);
}

function fixed(json: Json, place: Place): AvroType {
  const size = json['size'];
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw invalid(place, `expected a size, got ${JSON.stringify(size)}`);
  const { name, aliases } = namesOf(json, place);
  return declareType({ kind: 'fixed', name, aliases, size }, place);
}

function declareType<Type extends AvroType & { name: string }>(type: Type, place: Place): Type {
  if (place.named.has(type.name)) throw invalid(place, `${type.name} is declared twice`);
  place.named.set(type.name, type);
  return type;
}

function namesOf(json: Json, place: Place): { name: string; namespace: string; aliases: string[] } {
  const given = json['name'];
  const own = json['namespace'];
  if (typeof given !== 'string' || !given.split('.').every((part) => namePattern.test(part))) {
    throw invalid(place, `expected a name, got ${JSON.stringify(given)}`);
  }
  const name = qualified(given, typeof own === 'string' ? own : place.namespace);
  if (name.length > nameLengthMax) throw invalid(place, `${name.slice(0, 100)}…: a full name longer than ${nameLengthMax}`);
  const namespace = name.slice(0, Math.max(0, name.lastIndexOf('.')));
  if (!place.isStored && namespace !== '' && !namespace.split('.').every((part) => namePattern.test(part)))
    throw invalid(place, `expected a namespace of names, got ${JSON.stringify(namespace)}`);
  return { name, namespace, aliases: strings(json['aliases']).map((alias) => qualified(alias, namespace)) };
}

function strings(json: unknown): string[] {
  return Array.isArray(json) ? json.filter((entry) => typeof entry === 'string') : [];
}

function below(place: Place, step: string): Place {
  return { ...place, path: place.path + step, depth: place.depth + 1 };
}

function invalid({ path }: Place, message: string): Error {
  return invalidSchema(`Avro schema: ${path}: ${message}`, { facts: { path } });
}
