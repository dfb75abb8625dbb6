import type { Dice } from '../dice.ts';
import type { JsonSchemaText } from './generate.ts';

type Json = Readonly<Record<string, unknown>>;

const atoms: readonly unknown[] = [
  ...[null, true, false, 0, 1, -1, 2, 3, 4, 5, 0.5, 1.5, 2.5, -3, 7],
  ...['', 'a', 'b', 'ab', 'abc', 'aaaa', 'x', '2026-01-31', '2026-01-31T10:00:00Z'],
];
const names = ['a', 'b', 'c', 'ab', 'z'];
const depthMax = 4;

/** Values near what a schema describes: guided by its keywords, and off them now and then. */
export class InstanceMaker {
  readonly #dice: Dice;
  readonly #root: Json;

  constructor(dice: Dice, root: Json) {
    this.#dice = dice;
    this.#root = root;
  }

  make(schema: JsonSchemaText = this.#root, depth = 0): unknown {
    const dice = this.#dice;
    if (typeof schema === 'boolean' || depth > depthMax || dice.once(12)) return this.#any(depth);
    const target =
      String(schema['$ref'] ?? '')
        .split('/')
        .at(-1) ?? '';
    if (target !== '') return this.make((this.#root['$defs'] as Record<string, JsonSchemaText>)[target], depth + 1);
    if (Array.isArray(schema['enum'])) return dice.pick(schema['enum'] as unknown[]);
    if ('const' in schema) return schema['const'];
    const lists = ['anyOf', 'oneOf', 'allOf'].flatMap((keyword) => (schema[keyword] ?? []) as JsonSchemaText[]);
    const singles = ['if', 'then', 'else'].flatMap((keyword) => (schema[keyword] === undefined ? [] : [schema[keyword]]));
    const choices = [...lists, ...(singles as JsonSchemaText[])];
    if (choices.length > 0 && dice.roll(4) > 0) return this.#merge(schema, choices, depth);
    return this.#typed(schema, depth);
  }

  /** An object that suits a branch, with what the schema itself says beside it. */
  #merge(schema: Json, choices: readonly JsonSchemaText[], depth: number): unknown {
    const made = this.make(this.#dice.pick(choices), depth + 1);
    if (typeof made !== 'object' || made === null || Array.isArray(made) || schema['properties'] === undefined) return made;
    return { ...(this.#object(schema, depth) as object), ...made };
  }

  #typed(schema: Json, depth: number): unknown {
    const types = [schema['type'] ?? this.#guess(schema)].flat();
    switch (this.#dice.pick(types)) {
      case 'object':
        return this.#object(schema, depth);
      case 'array':
        return this.#array(schema, depth);
      case 'string':
        return this.#dice.pick(atoms.filter((atom) => typeof atom === 'string'));
      case 'integer':
      case 'number':
        return this.#number(schema);
      case 'boolean':
        return this.#dice.once(2);
      default:
        return null;
    }
  }

  #guess(schema: Json): string[] {
    if (schema['properties'] !== undefined || schema['required'] !== undefined) return ['object'];
    if (schema['items'] !== undefined || schema['prefixItems'] !== undefined) return ['array'];
    return ['object', 'array', 'string', 'number', 'boolean', 'null'];
  }

  /** At the bounds and beside them, where mistakes are. */
  #number(schema: Json): number {
    const bounds = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'].flatMap(
      (keyword) => schema[keyword] ?? [],
    ) as number[];
    const steps = [0, 1, -1, 0.5, -0.5].filter((step) => schema['type'] !== 'integer' || Number.isInteger(step));
    const near = bounds.flatMap((bound) => steps.map((step) => bound + step));
    const numbers = atoms.filter((atom) => typeof atom === 'number' && (schema['type'] !== 'integer' || Number.isInteger(atom)));
    return this.#dice.pick([...near, ...(numbers as number[])]);
  }

  #object(schema: Json, depth: number): unknown {
    const properties = (schema['properties'] ?? {}) as Record<string, JsonSchemaText>;
    const required = (schema['required'] ?? []) as string[];
    const density = 1 + this.#dice.roll(3);
    const wanted = [...Object.keys(properties), ...names.filter(() => this.#dice.once(6))].filter(
      () => this.#dice.roll(4) < density,
    );
    const patterns = Object.entries((schema['patternProperties'] ?? {}) as Record<string, JsonSchemaText>);
    const other = schema['additionalProperties'] as JsonSchemaText | undefined;
    const schemaOf = (name: string): JsonSchemaText =>
      properties[name] ?? patterns.find(([pattern]) => new RegExp(pattern, 'u').test(name))?.[1] ?? other ?? true;
    return Object.fromEntries([...new Set([...required, ...wanted])].map((name) => [name, this.make(schemaOf(name), depth + 1)]));
  }

  #array(schema: Json, depth: number): unknown {
    const { items } = schema;
    const tuple = (schema['prefixItems'] ?? (Array.isArray(items) ? items : [])) as JsonSchemaText[];
    const rest = (Array.isArray(items) ? schema['additionalItems'] : items) as JsonSchemaText | undefined;
    const least = Number(schema['minItems'] ?? 0);
    return Array.from({ length: least + this.#dice.roll(4) }, (_, index) => this.make(tuple[index] ?? rest ?? true, depth + 1));
  }

  #any(depth: number): unknown {
    if (depth > 2 || this.#dice.roll(4) > 0) return this.#dice.pick(atoms);
    if (this.#dice.once(2)) return Array.from({ length: this.#dice.roll(3) }, () => this.#any(depth + 1));
    return Object.fromEntries(names.filter(() => this.#dice.once(3)).map((name) => [name, this.#any(depth + 1)]));
  }
}
