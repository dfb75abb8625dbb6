import type { JsonSchema } from '../../json/schema.ts';
import { notSupported } from '../../problems.ts';
import type { Incompatibility } from '../incompatibility.ts';
import { compareArrays, compareUnevaluated } from './array-rules.ts';
import { compareCombined, compareDependencies } from './combined-rules.ts';
import { type Comparison, createReason, type ReasonFacts, undecided } from './comparison.ts';
import { isReference, listOf, recursionOf, refuseUndecidable, typesOf } from './facts.ts';
import { below, type JsonNode, textsOf, wordsOf } from './node.ts';
import { compareObjects } from './object-rules.ts';
import { compareFormat, compareNumbers, compareStrings } from './scalars.ts';
import { Written } from './written.ts';

/** `STRICT`: compatible is what is certain. `LENIENT`: writers are taken to write nothing but what their schema names. */
export type CompatibilityPolicy = 'STRICT' | 'LENIENT';

/** Changes that Confluent's lenient policy lets pass, and formats, which it does not look at. */
const lenient: readonly string[] = [
  'ADDITIONAL_PROPERTIES_NARROWED',
  'ADDITIONAL_PROPERTIES_REMOVED',
  'PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL',
  'PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
  'PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
  'FORMAT_ADDED',
  'FORMAT_CHANGED',
];

/** Many properties are many steps; cases multiply. */
const stepsMax = 200_000;
const casesMax = 2_000;
const depthMax = 300;

/**
 * Everything that keeps some instance of `writer` from being valid under `reader`, each reason once. Throws `schema.not-supported`
 * when no reason is certain and none of them can be ruled out.
 */
export function checkJson(reader: JsonSchema, writer: JsonSchema, policy: CompatibilityPolicy = 'STRICT'): Incompatibility[] {
  const written = new Written([textsOf(writer).root]);
  const found = new JsonCheck(policy).check(written, textsOf(reader).root);
  const certain = found.filter(({ type }) => type !== undecided);
  if (certain.length > 0)
    return [...new Map(certain.map((each) => [`${each.type} ${each.path} ${each.message}`, each])).values()];
  const [open] = found;
  if (open === undefined) return [];
  throw notSupported(`JSON Schema: ${open.path}: ${open.message}`, { facts: { path: open.path } });
}

interface Known {
  found: readonly Incompatibility[];
  /** How deep in the instance it is looked at right now; null: it was looked at. */
  depth: number | null;
}

/**
 * A pair that is met again deeper in the instance while it is looked at passes for compatible: instances end. When it turns out not
 * to be, everything that passed in the meantime is open again.
 */
class JsonCheck {
  readonly #policy: CompatibilityPolicy;
  readonly #known = new Map<string, Known>();
  readonly #passed: string[] = [];
  #depth = 0;
  #nesting = 0;
  #steps = 0;
  #cases = 0;

  constructor(policy: CompatibilityPolicy) {
    this.#policy = policy;
  }

  check(written: Written, reader: JsonNode, fillsIn = true): readonly Incompatibility[] {
    if (reader.json === true || written.isEmpty) return [];
    const words = wordsOf(reader);
    if (words !== null && written.nodes.some((node) => wordsOf(node) === words)) return [];
    const key = `${written.key}>${reader.id}${fillsIn ? '' : '-'}`;
    const known = this.#known.get(key);
    if (known !== undefined) return this.#again(known, reader);
    const mark = this.#passed.length;
    const entry: Known = { found: [], depth: this.#depth };
    this.#known.set(key, entry);
    entry.found = this.#bounded(written, reader, fillsIn);
    entry.depth = null;
    if (entry.found.length === 0) this.#passed.push(key);
    else for (const passed of this.#passed.splice(mark)) this.#known.delete(passed);
    return entry.found;
  }

  #again({ found, depth }: Known, reader: JsonNode): readonly Incompatibility[] {
    if (depth === this.#depth) throw notSupported(`JSON Schema: ${reader.pointer || '/'} refers to nothing but itself`);
    return found;
  }

  #bounded(written: Written, reader: JsonNode, fillsIn: boolean): readonly Incompatibility[] {
    this.#steps += 1;
    if (this.#steps > stepsMax) throw notSupported('JSON Schema: the two have too much in them to be compared');
    if (this.#nesting > depthMax) throw notSupported(`JSON Schema: the two nest deeper than ${depthMax}`);
    this.#nesting += 1;
    const found = this.#inCases(written, reader, fillsIn);
    this.#nesting -= 1;
    return found;
  }

  /** What does not hold for all that was written may hold in each of its cases. */
  #inCases(written: Written, reader: JsonNode, fillsIn: boolean): readonly Incompatibility[] {
    const values = written.values;
    if (values !== null) return this.#values(values, reader);
    const found = this.#compare(written, reader, fillsIn);
    // A lenient verdict rests on what writers name, and they may name it in a branch.
    const isOpen = found.length > 0 || (this.#policy === 'LENIENT' && written.hasChoice);
    const split = isOpen ? written.split() : null;
    if (split === null) return found;
    if (split.by === 'choice') this.#cases += split.cases.length;
    if (this.#cases > casesMax) throw notSupported(`JSON Schema: more than ${casesMax} cases`);
    const inCases = split.cases.flatMap((part) => this.check(part, reader, fillsIn));
    return inCases.length === 0 || split.by === 'choice' ? inCases : isSure(found) || !isSure(inCases) ? found : inCases;
  }

  #values(values: readonly unknown[], reader: JsonNode): Incompatibility[] {
    const refused = values.filter((value) => !reader.texts.validates(reader, value));
    if (refused.length === 0) return [];
    const list = refused.map((value) => JSON.stringify(value)).join(', ');
    const isListed = typeof reader.json === 'object' && ('enum' in reader.json || 'const' in reader.json);
    const facts = { message: `${list} may have been written, and is not valid any more`, writer: values };
    return this.#reason(reader, isListed ? 'ENUM_ARRAY_NARROWED' : 'TYPE_NARROWED', facts);
  }

  #compare(written: Written, node: JsonNode, fillsIn: boolean): Incompatibility[] {
    const parts = written.parts ?? [];
    if (typeof node.json === 'boolean') {
      const message = 'nothing is valid here any more';
      return this.#reason(node, 'TYPE_CHANGED', { message, reader: false, writer: [...written.types].join() });
    }
    const { json } = node;
    refuseUndecidable(node, json);
    const comparison: Comparison = {
      ...{ written, parts, node, json, fillsIn },
      within: (nodes, reader) => this.#within(nodes, reader, fillsIn && json['patternProperties'] === undefined),
      itself: (cases, reader) => [...this.check(cases, reader, false)],
      reason: (type, at, facts) => this.#reason(node, type, { ...facts, at }),
    };
    return [
      ...this.#conjunction(comparison),
      ...this.#types(comparison),
      ...compareListed(comparison),
      ...compareByType(comparison),
    ];
  }

  /** `$ref` and `allOf`. */
  #conjunction({ written, node, json, fillsIn }: Comparison): Incompatibility[] {
    const { $ref } = json;
    const target = typeof $ref === 'string' ? [node.texts.resolve(node, $ref)] : [];
    const recursion = json['$recursiveRef'] === undefined ? [] : [recursionOf(node)];
    const all = [...listOf(json['allOf']).keys()].map((index) => below(node, 'allOf', index));
    return [
      ...target.flatMap((reader) => this.check(written, reader, fillsIn && isReference(json))),
      ...[...recursion, ...all].flatMap((reader) => this.check(written, reader, false)),
    ];
  }

  #types({ written, node, json, reason }: Comparison): Incompatibility[] {
    const allowed = typesOf([{ node, json }]);
    if (json['type'] === undefined || [...written.types].every((type) => allowed.has(type))) return [];
    const type = [...written.types].every((type) => !allowed.has(type)) ? 'TYPE_CHANGED' : 'TYPE_NARROWED';
    const before = writtenTypes(written);
    const message = `${before} may have been written, and ${[json['type']].flat().join(', ')} is expected`;
    return reason(type, ['type'], { message, reader: json['type'], writer: before });
  }

  #within(nodes: readonly JsonNode[], reader: JsonNode, fillsIn: boolean): Incompatibility[] {
    this.#depth += 1;
    const found = this.check(new Written(nodes), reader, fillsIn);
    this.#depth -= 1;
    return [...found];
  }

  #reason(node: JsonNode, type: string, facts: ReasonFacts): Incompatibility[] {
    return this.#policy === 'LENIENT' && lenient.includes(type) ? [] : [createReason(node, type, facts)];
  }
}

function isSure(found: readonly Incompatibility[]): boolean {
  return found.some(({ type }) => type !== undecided);
}

function writtenTypes({ types }: Written): string {
  const names = [...types]
    .filter((type) => type !== 'fraction')
    .map((type) => (type === 'integer' && types.has('fraction') ? 'number' : type));
  return types.has('fraction') && !types.has('integer') ? [...names, 'number'].join(', ') : names.join(', ');
}

/** What was written has more values than a list can name. */
function compareListed({ json, reason }: Comparison): Incompatibility[] {
  const keyword = 'enum' in json ? 'enum' : 'const' in json ? 'const' : null;
  if (keyword === null) return [];
  const message = 'only listed values are valid, and others may have been written';
  return reason('ENUM_ARRAY_NARROWED', [keyword], { message, reader: json[keyword] });
}

function compareByType(comparison: Comparison): Incompatibility[] {
  const { types } = comparison.written;
  const isObject = types.has('object');
  const isArray = types.has('array');
  return [
    ...(types.has('integer') || types.has('fraction') ? compareNumbers(comparison) : []),
    ...(types.has('string') ? compareStrings(comparison) : []),
    ...(types.has('string') || types.has('integer') || types.has('fraction') ? compareFormat(comparison) : []),
    ...(isObject ? [...compareObjects(comparison), ...compareDependencies(comparison)] : []),
    ...(isArray ? compareArrays(comparison) : []),
    ...(isObject && !isArray ? compareUnevaluated(comparison) : []),
    ...compareCombined(comparison),
  ];
}
