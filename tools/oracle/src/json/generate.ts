import type { Dice } from '../dice.ts';
import type { Pair } from '../pair.ts';

export type JsonSchemaText = boolean | Readonly<Record<string, unknown>>;
type Json = Readonly<Record<string, unknown>>;

const names = ['a', 'b', 'c', 'ab'];
const patterns = ['^a', 'b', '^[a-c]+$'];
/** Keywords that hold no schemas. */
const values = ['enum', 'required', 'const', 'default', 'type'];
const nestingMax = 3;
const constants: readonly unknown[] = [null, true, 0, 1, 2.5, 'a', 'ab', [], [1], {}, { a: 1 }];
const dialects = [
  'http://json-schema.org/draft-07/schema#',
  'https://json-schema.org/draft/2019-09/schema',
  'https://json-schema.org/draft/2020-12/schema',
];

/** A schema, and the same with none to three changes. */
export function generateJsonPair(dice: Dice): Pair<Json> {
  const $schema = dice.pick(dialects);
  const hasPrefixes = $schema.includes('2020');
  const maker = new Maker(dice, hasPrefixes, ['#/$defs/T', '#/$defs/U', '#/$defs/U']);
  // T would refer to nothing but itself.
  const inner = new Maker(dice, hasPrefixes, ['#/$defs/U']);
  const root = dice.once(3) ? maker.object(0) : asObject(maker.schema(0));
  const $defs = { T: inner.schema(2), U: maker.object(2) };
  const before = { $schema, $defs, ...root };
  let after: JsonSchemaText = root;
  let defs: Json = $defs;
  for (let count = dice.roll(4); count > 0; count -= 1) {
    if (dice.once(6)) defs = { ...defs, T: inner.change(defs['T'] as JsonSchemaText) };
    else after = maker.change(after);
  }
  const changed = { $schema, $defs: defs, ...asObject(after) };
  return dice.once(2) ? { before: changed, after: before } : { before, after: changed };
}

function asObject(schema: JsonSchemaText): Json {
  return typeof schema === 'boolean' ? { allOf: [schema] } : schema;
}

class Maker {
  readonly #dice: Dice;
  readonly #prefixes: boolean;
  readonly #refs: readonly string[];

  constructor(dice: Dice, prefixes: boolean, refs: readonly string[]) {
    this.#dice = dice;
    this.#prefixes = prefixes;
    this.#refs = refs;
  }

  schema(nesting: number): JsonSchemaText {
    const dice = this.#dice;
    if (dice.once(16)) return dice.once(3) ? false : true;
    if (dice.once(10)) return { $ref: dice.pick(this.#refs) };
    const makers: (() => Json)[] = [() => this.number(), () => this.text(), () => this.plain(), () => this.listed()];
    if (nesting < nestingMax) {
      const more = [() => this.object(nesting), () => this.array(nesting), () => this.combined(nesting)];
      makers.push(
        ...more,
        () => this.object(nesting),
        () => this.object(nesting),
      );
    }
    return dice.pick(makers)();
  }

  plain(): Json {
    const types = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'];
    const [one, other] = [this.#dice.pick(types), this.#dice.pick(types)];
    return { type: one === other ? one : [one, other] };
  }

  number(): Json {
    return { type: this.#dice.pick(['integer', 'number']), ...this.#some(this.#bounds()) };
  }

  text(): Json {
    return { type: 'string', ...this.#some(this.#lengths()) };
  }

  listed(): Json {
    const list = [...new Set([0, 1, 2].map(() => this.#dice.pick(constants)))];
    return this.#dice.once(3) ? { const: list[0] } : { enum: list };
  }

  object(nesting: number): Json {
    const properties = Object.fromEntries(names.slice(0, this.#dice.roll(4)).map((name) => [name, this.schema(nesting + 1)]));
    return { type: 'object', properties, ...this.#some(this.#objectKeywords(nesting)) };
  }

  array(nesting: number): Json {
    return { type: 'array', ...this.#some(this.#arrayKeywords(nesting)) };
  }

  combined(nesting: number): Json {
    const list = Array.from({ length: 1 + this.#dice.roll(3) }, () => this.schema(nesting + 1));
    if (this.#dice.once(6)) return { not: this.schema(nesting + 1) };
    if (this.#dice.once(6))
      return Object.fromEntries(['if', 'then', 'else'].map((keyword) => [keyword, this.schema(nesting + 1)]));
    return { [this.#dice.pick(['anyOf', 'oneOf', 'allOf'])]: list };
  }

  #bounds(): Json {
    const small = (): number => this.#dice.roll(9) - 3;
    const multipleOf = this.#dice.pick([1, 2, 4, 0.5]);
    return { minimum: small(), maximum: small() + 3, exclusiveMinimum: small(), exclusiveMaximum: small() + 3, multipleOf };
  }

  #lengths(): Json {
    const [minLength, maxLength] = [this.#dice.roll(3), 1 + this.#dice.roll(4)];
    return { minLength, maxLength, pattern: this.#dice.pick(patterns), format: this.#dice.pick(['date', 'date-time', 'x']) };
  }

  #objectKeywords(nesting: number): Json {
    const name = this.#dice.pick(names);
    return {
      required: [this.#dice.pick(names)],
      additionalProperties: this.#dice.once(2) ? false : this.schema(nesting + 1),
      patternProperties: { [this.#dice.pick(patterns)]: this.schema(nesting + 1) },
      propertyNames: this.#dice.pick<JsonSchemaText>([{ pattern: '^a' }, { maxLength: 1 }, { enum: names }]),
      minProperties: this.#dice.roll(3),
      maxProperties: 1 + this.#dice.roll(3),
      dependencies: {
        [name]: this.#dice.once(2)
          ? [this.#dice.pick(names)]
          : { properties: { [name]: this.schema(3) }, required: [this.#dice.pick(names)] },
      },
      ...(this.#dice.once(2) ? {} : { unevaluatedProperties: false }),
    };
  }

  #arrayKeywords(nesting: number): Json {
    const tuple = [this.schema(nesting + 1), this.schema(nesting + 1)].slice(0, 1 + this.#dice.roll(2));
    const rest = this.#dice.once(3) ? false : this.schema(nesting + 1);
    const items = this.#prefixes ? { prefixItems: tuple, items: rest } : { items: tuple, additionalItems: rest };
    return {
      ...(this.#dice.once(2) ? items : { items: this.schema(nesting + 1) }),
      minItems: this.#dice.roll(3),
      maxItems: 1 + this.#dice.roll(3),
      uniqueItems: this.#dice.once(2),
      contains: this.schema(nesting + 1),
      minContains: this.#dice.roll(3),
    };
  }

  /** Some of the keywords, few more often than many. */
  #some(keywords: Json): Json {
    return Object.fromEntries(Object.entries(keywords).filter(() => this.#dice.once(4)));
  }

  change(schema: JsonSchemaText): JsonSchemaText {
    const dice = this.#dice;
    if (typeof schema === 'boolean' || dice.once(14)) return this.schema(1);
    if (dice.once(10)) return this.#wrap(schema);
    const inner = Object.keys(schema).filter((key) => typeof schema[key] === 'object' && !values.includes(key));
    if (inner.length > 0 && dice.once(2)) return this.#changeInside(schema, dice.pick(inner));
    return this.#changeKeyword(schema);
  }

  #wrap(schema: Json): Json {
    const other = this.schema(2);
    return this.#dice.pick<Json>([
      { anyOf: [schema, other] },
      { oneOf: [other, schema] },
      { allOf: [schema] },
      { allOf: [schema, other] },
      { ...schema, title: 'renamed', description: 'annotated', default: 1 },
      Object.fromEntries(Object.entries(schema).reverse()),
    ]);
  }

  #changeInside(schema: Json, key: string): Json {
    const value = schema[key];
    if (Array.isArray(value)) return { ...schema, [key]: this.#changeList(value as JsonSchemaText[]) };
    if (key === 'properties') return this.#changeProperties(schema);
    if (key === 'dependencies') return { ...schema, [key]: { a: ['b'] } };
    if (key === 'patternProperties') return { ...schema, [key]: { [this.#dice.pick(patterns)]: this.schema(2) } };
    return { ...schema, [key]: this.change(value as JsonSchemaText) };
  }

  #changeList(list: readonly JsonSchemaText[]): readonly unknown[] {
    if (this.#dice.once(4)) return [...list, this.schema(2)];
    if (this.#dice.once(4) && list.length > 1) return list.slice(1);
    if (this.#dice.once(6)) return [...list].reverse();
    const index = this.#dice.roll(list.length);
    return list.with(index, this.change(list[index] ?? true));
  }

  #changeProperties(schema: Json): Json {
    const properties = schema['properties'] as Record<string, JsonSchemaText>;
    const name = this.#dice.pick(names);
    const { [name]: own, ...others } = properties;
    if (own === undefined) return this.#addProperty(schema, name);
    if (this.#dice.once(4)) return { ...schema, properties: others };
    if (this.#dice.once(6)) return { ...schema, properties: { ...others, [this.#dice.pick(names)]: own } };
    return { ...schema, properties: { ...properties, [name]: this.change(own) } };
  }

  #addProperty(schema: Json, name: string): Json {
    const isFilledIn = this.#dice.once(3);
    const own = isFilledIn ? { ...asObject(this.schema(2)), default: this.#dice.pick(constants) } : this.schema(2);
    const required = isFilledIn ? { required: [name] } : {};
    return { ...schema, properties: { ...(schema['properties'] as Json), [name]: own }, ...required };
  }

  #changeKeyword(schema: Json): Json {
    const dice = this.#dice;
    const keywords = dice.pick([this.#bounds(), this.#lengths(), this.#objectKeywords(2), this.#arrayKeywords(2)]);
    const key = dice.pick(Object.keys(keywords));
    const { [key]: _, ...others } = schema;
    if (dice.once(3) && Object.keys(schema).length > 0) return without(schema, dice.pick(Object.keys(schema)));
    if (dice.once(5)) return { ...schema, ...this.plain() };
    return { ...others, [key]: keywords[key] };
  }
}

function without(schema: Json, key: string): Json {
  const { [key]: _, ...others } = schema;
  return others;
}
