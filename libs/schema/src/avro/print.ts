import { parseNumbersAs, rawNumber, withSortedKeys } from '../ordered-json.ts';
import { printJavaDouble } from './java-double.ts';
import { namedKinds, primitives } from './names.ts';

type Json = Readonly<Record<string, unknown>>;
type Form = 'stored' | 'normal';
type Entry = readonly [string, unknown];

/** What is known where something stands. */
interface Place {
  readonly space: string;
  readonly form: Form;
}

interface Name {
  readonly space: string;
  readonly short: string;
}

/** What says a type or field; all else is an attribute of the user's own. */
const typeWords = ['doc', 'fields', 'items', 'name', 'namespace', 'size', 'symbols', 'values', 'type', 'aliases'];
const fieldWords = ['default', 'doc', 'name', 'order', 'type', 'aliases'];
const logicalTypes: readonly unknown[] = [
  ...['decimal', 'big-decimal', 'uuid', 'date', 'duration', 'time-millis', 'time-micros'],
  ...['timestamp-millis', 'timestamp-micros', 'timestamp-nanos'],
  ...['local-timestamp-millis', 'local-timestamp-micros', 'local-timestamp-nanos'],
];

/**
 * The text of a well-formed schema as Avro for Java prints it, which Confluent's registry stores and takes GUIDs of; `normal`: as it does
 * when it was told to normalise, with attributes and aliases in one order.
 */
export function printAvro(text: string, form: Form): string {
  const json = parseNumbersAs(text, (value, source) => (/[.eE]/.test(source) ? printJavaDouble(value) : source));
  return JSON.stringify(typeOf(json, { space: '', form }));
}

function typeOf(json: unknown, place: Place): unknown {
  if (typeof json === 'string') return referenceTo(json, place);
  if (Array.isArray(json)) return json.map((branch) => typeOf(branch, place));
  const node = json as Json;
  const { type } = node;
  if (namedKinds.includes(type)) return definitionOf(node, place);
  if (typeof type === 'object') return typeOf(type, place);
  const attributes = attributesOf(node, typeWords, place.form);
  if (type === 'array') return Object.fromEntries([['type', type], ['items', typeOf(node['items'], place)], ...attributes]);
  if (type === 'map') return Object.fromEntries([['type', type], ['values', typeOf(node['values'], place)], ...attributes]);
  const plain = referenceTo(String(type), place);
  return attributes.length === 0 || !primitives.includes(String(type))
    ? plain
    : Object.fromEntries([['type', type], ...attributes]);
}

/** The namespace around it goes without saying. */
function referenceTo(name: string, { space }: Place): string {
  const found = nameOf(name, space);
  return found.space === space && !primitives.includes(found.short) ? found.short : name;
}

function definitionOf(node: Json, place: Place): Json {
  const { type, namespace, doc, symbols, size, fields } = node;
  const name = nameOf(String(node['name']), typeof namespace === 'string' ? namespace : place.space);
  const inside = { ...place, space: name.space };
  const isNormal = place.form === 'normal';
  const isEnum = type === 'enum';
  const attributes = attributesOf(node, isEnum ? [...typeWords, 'default'] : typeWords, place.form);
  return Object.fromEntries([
    ['type', isNormal && type === 'error' ? 'record' : type],
    ['name', name.short],
    ...(name.space === place.space ? [] : [['namespace', name.space] as const]),
    ...(typeof doc === 'string' && !(isNormal && doc === '') ? [['doc', doc] as const] : []),
    ...(isEnum ? [['symbols', symbols] as const] : []),
    ...(isEnum && typeof node['default'] === 'string' ? [['default', node['default']] as const] : []),
    ...(type === 'fixed' ? [['size', size] as const] : []),
    ...(Array.isArray(fields) ? [['fields', fields.map((field: Json) => fieldOf(field, inside))] as const] : []),
    ...attributes,
    ...aliasesOf(node, inside),
  ]);
}

function fieldOf(field: Json, place: Place): Json {
  const { name, type, doc, order } = field;
  const isOrdered = typeof order === 'string' && order.toLowerCase() !== 'ascending';
  return Object.fromEntries([
    ['name', name],
    ['type', typeOf(type, place)],
    ...(typeof doc === 'string' ? [['doc', doc] as const] : []),
    ...('default' in field ? [['default', defaultOf(field, place.form)] as const] : []),
    ...(isOrdered ? [['order', order.toLowerCase()] as const] : []),
    ...aliasesOf(field, { ...place, space: '' }),
    ...attributesOf(field, fieldWords, place.form),
  ]);
}

/** Normalised, numbers are written as their type writes them. */
function defaultOf({ type, default: value }: Json, form: Form): unknown {
  if (form === 'stored') return value;
  const [first] = Array.isArray(type) ? type : [type];
  const kind = typeof first === 'object' && first !== null ? (first as Json)['type'] : first;
  const isReal = (kind === 'double' || kind === 'float') && typeof value === 'number';
  return isReal ? rawNumber(printJavaDouble(value)) : withSortedKeys(value);
}

/** Names of types are said without the namespace that they share. */
function aliasesOf({ aliases }: Json, { space, form }: Place): Entry[] {
  if (!Array.isArray(aliases) || aliases.length === 0) return [];
  const names = [...new Set(aliases.map(String))].map((alias) => {
    const { space: own, short } = nameOf(alias, space);
    return own === space ? short : alias;
  });
  return [['aliases', form === 'normal' ? names.sort() : names]];
}

function attributesOf(node: Json, words: readonly string[], form: Form): Entry[] {
  const found = Object.entries(node).filter(([key]) => !words.includes(key));
  if (form === 'stored') return found;
  const first = logicalTypes.includes(node['logicalType']) ? ['logicalType', 'precision', 'scale'] : [];
  const rank = (key: string): string => `${first.includes(key) ? first.indexOf(key) : first.length} ${key}`;
  return found
    .map(([key, value]) => [key, withSortedKeys(value)] as const)
    .sort(([left], [right]) => (rank(left) < rank(right) ? -1 : 1));
}

function nameOf(given: string, space: string): Name {
  const dot = given.lastIndexOf('.');
  return dot < 0 ? { space, short: given } : { space: given.slice(0, dot), short: given.slice(dot + 1) };
}
