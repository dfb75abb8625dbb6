import { below, evaluatesAlone, type JsonNode, textsOf } from '../compatibility/json/node.ts';
import { matches } from '../compatibility/json/pattern.ts';
import { isObject } from '../json/dialect.ts';
import type { JsonSchema } from '../json/schema.ts';
import type { FieldSite, FindSites } from './field-rule.ts';
import type { TagsAt } from './field-tags.ts';
import { asNumbers } from './json-form.ts';

/**
 * The scalars of a record that stand in a property, found by each schema that applies to them: behind references, in the branches that hold,
 * under any of the keywords for objects and lists. Throws where that cannot be said.
 */
export function jsonSites(schema: JsonSchema, tagsAt: TagsAt): FindSites {
  const { root } = textsOf(schema);
  return (record) => {
    const spots: Spot[] = [];
    visit(root, new Spot(record, null, spots));
    return spots.flatMap((spot) => spot.site(tagsAt) ?? []);
  };
}

/** One value of the record, whichever schemas apply to it. */
class Spot {
  readonly value: unknown;
  readonly #from: Held | null;
  readonly #spots: Spot[];
  readonly #within = new Map<string, Spot>();
  readonly #tags = new Set<string>();
  readonly #seen = new Set<number>();
  #typeName: string | null = null;

  constructor(value: unknown, from: Held | null, spots: Spot[]) {
    this.value = value;
    this.#from = from;
    this.#spots = spots;
    spots.push(this);
  }

  get isScalar(): boolean {
    return typeof this.value !== 'object';
  }

  /** False the second time: that is where a schema that refers to itself ends. */
  enter(node: JsonNode): boolean {
    if (this.#seen.has(node.id)) return false;
    this.#seen.add(node.id);
    return true;
  }

  /** True when the value is valid under the schema. */
  holds(node: JsonNode): boolean {
    return node.texts.validates(node, asNumbers(this.value));
  }

  /** What a schema says of the value itself. A scalar is one of an enum only where no schema says a type alone. */
  note(json: Readonly<Record<string, unknown>>): void {
    const tags = json['confluent:tags'];
    if (Array.isArray(tags)) for (const tag of tags) this.#tags.add(String(tag));
    if (!this.isScalar) return;
    if (json['enum'] !== undefined || json['const'] !== undefined) this.#typeName ??= 'ENUM';
    else if (json['type'] !== undefined) this.#typeName = typeNameOf(this.value, [json['type']].flat());
  }

  /** The value of a property or at an index; undefined where there is none. */
  below(key: string): Spot | undefined {
    const known = this.#within.get(key);
    const holder = this.value as Record<string, unknown>;
    if (known !== undefined || !Object.hasOwn(holder, key)) return known;
    const spot = new Spot(holder[key], { holder, key, outer: this }, this.#spots);
    this.#within.set(key, spot);
    return spot;
  }

  site(tagsAt: TagsAt): FieldSite | null {
    const field = this.#field;
    if (field === null || this.#from === null || !this.isScalar) return null;
    const { holder, key } = this.#from;
    const { fullName, message } = field;
    const tags = [...new Set([...this.#tagsHere(), ...tagsAt(fullName)])];
    const typeName = this.#typeName ?? typeNameOf(this.value, []);
    return {
      value: this.value,
      facts: { name: field.name, fullName, typeName, tags, message },
      set: (after) => {
        holder[key] = after;
      },
    };
  }

  /** Those of the schemas of the property, and of the lists in between. */
  #tagsHere(): string[] {
    const outer = this.#from === null || this.#isProperty ? [] : this.#from.outer.#tagsHere();
    return [...this.#tags, ...outer];
  }

  get #isProperty(): boolean {
    return this.#from !== null && !Array.isArray(this.#from.holder);
  }

  /** The property that the value is, or is in a list of. */
  get #field(): { readonly name: string; readonly fullName: string; readonly message: unknown } | null {
    if (this.#from === null) return null;
    const { holder, key, outer } = this.#from;
    if (!this.#isProperty) return outer.#field;
    return { name: key, fullName: `${outer.#field?.fullName ?? '$'}.${key}`, message: holder };
  }
}

interface Held {
  readonly holder: Record<string, unknown>;
  readonly key: string;
  readonly outer: Spot;
}

function typeNameOf(value: unknown, types: readonly unknown[]): string {
  if (typeof value === 'string') return 'STRING';
  if (typeof value === 'boolean') return 'BOOLEAN';
  return types.includes('integer') && !types.includes('number') ? 'INT' : 'DOUBLE'; // as the stock clients name them
}

function visit(node: JsonNode, spot: Spot | undefined): void {
  if (spot === undefined || spot.value === null || typeof node.json === 'boolean' || !spot.enter(node)) return;
  const { json } = node;
  spot.note(json);
  for (const name of ['$dynamicRef', '$recursiveRef'])
    if (json[name] !== undefined) throw new TypeError(`${name} is not followed, so that fields behind it are not known`);
  if (typeof json['$ref'] === 'string') visit(node.texts.resolve(node, json['$ref']), spot);
  visitBranches(node, spot);
  if (Array.isArray(spot.value)) visitItems(node, spot);
  else if (isObject(spot.value)) visitProperties(node, spot);
}

/** Those of the schemas beside each other that the value is valid under. */
function visitBranches(node: JsonNode, spot: Spot): void {
  const { json } = node;
  if (typeof json === 'boolean') return;
  for (const branch of nodesOf(node, 'allOf')) visit(branch, spot);
  for (const name of ['anyOf', 'oneOf']) {
    const branches = nodesOf(node, name);
    const holding = branches.filter((branch) => spot.holds(branch));
    if (branches.length > 0 && holding.length === 0)
      throw new TypeError(`no branch of ${name} holds, so that its fields are not known`);
    for (const branch of holding) visit(branch, spot);
  }
  if (json['if'] === undefined) return;
  const holds = spot.holds(below(node, 'if'));
  if (holds) visit(below(node, 'if'), spot);
  const then = holds ? 'then' : 'else';
  if (json[then] !== undefined) visit(below(node, then), spot);
}

function visitItems(node: JsonNode, spot: Spot): void {
  const { json } = node;
  if (typeof json === 'boolean') return;
  refuseUnevaluated(node, 'unevaluatedItems');
  const length = (spot.value as readonly unknown[]).length;
  const first = Array.isArray(json['items']) ? 'items' : 'prefixItems';
  const leading = nodesOf(node, first);
  for (const [index, item] of leading.entries()) visit(item, spot.below(String(index)));
  const rest = [first === 'items' ? 'additionalItems' : 'items', 'unevaluatedItems'].find((name) => isObject(json[name]));
  for (let index = leading.length; rest !== undefined && index < length; index += 1)
    visit(below(node, rest), spot.below(String(index)));
  if (!isObject(json['contains'])) return;
  const wanted = below(node, 'contains');
  for (let index = 0; index < length; index += 1) {
    const item = spot.below(String(index));
    if (item !== undefined && item.holds(wanted)) visit(wanted, item);
  }
}

function visitProperties(node: JsonNode, spot: Spot): void {
  const { json } = node;
  if (typeof json === 'boolean') return;
  refuseUnevaluated(node, 'unevaluatedProperties');
  const named = isObject(json['properties']) ? json['properties'] : {};
  const patterns = isObject(json['patternProperties']) ? Object.keys(json['patternProperties']) : [];
  const rest = ['additionalProperties', 'unevaluatedProperties'].find((name) => isObject(json[name]));
  for (const name of Object.keys(spot.value as object)) {
    const within = spot.below(name);
    const meant = patterns.filter((pattern) => matches(pattern, name));
    if (Object.hasOwn(named, name)) visit(below(node, 'properties', name), within);
    for (const pattern of meant) visit(below(node, 'patternProperties', pattern), within);
    if (rest !== undefined && !Object.hasOwn(named, name) && meant.length === 0) visit(below(node, rest), within);
  }
  visitDependent(node, spot);
}

/** Schemas that apply where a property is there. */
function visitDependent(node: JsonNode, spot: Spot): void {
  const { json } = node;
  if (typeof json === 'boolean') return;
  for (const keyword of ['dependentSchemas', 'dependencies']) {
    const dependent = isObject(json[keyword]) ? json[keyword] : {};
    for (const [name, schema] of Object.entries(dependent))
      if (isObject(schema) && Object.hasOwn(spot.value as object, name)) visit(below(node, keyword, name), spot);
  }
}

/** What other schemas leave over is only known where there are none. */
function refuseUnevaluated(node: JsonNode, keyword: 'unevaluatedItems' | 'unevaluatedProperties'): void {
  if (typeof node.json === 'boolean' || !isObject(node.json[keyword]) || node.texts.dialect === 'draft-07') return;
  if (!evaluatesAlone(node, keyword)) throw new TypeError(`${keyword} beside other schemas: fields under it are not known`);
}

function nodesOf(node: JsonNode, keyword: string): JsonNode[] {
  const list = typeof node.json === 'boolean' ? undefined : node.json[keyword];
  return Array.isArray(list) ? list.map((_, index) => below(node, keyword, index)) : [];
}
