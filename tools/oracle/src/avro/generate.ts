import type { Dice } from '../dice.ts';
import type { Pair } from '../pair.ts';

type Json = Record<string, unknown> | string | unknown[];

interface Field {
  name: string;
  type: Json;
  default?: unknown;
  aliases?: string[];
}

const primitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const;
const defaults: Readonly<Record<string, unknown>> = {
  ...{ null: null, boolean: true, int: 1, long: 2, float: 1.5, double: 2.5, bytes: 'x', string: 'y' },
};
const nestingMax = 3;

/** Makes named types with names that no other has, so that every schema is well formed. */
class Maker {
  readonly #dice: Dice;
  #names = 0;
  #open: string[] = [];

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  record(nesting: number): Record<string, unknown> {
    const name = this.name('R');
    this.#open.push(name);
    const count = 1 + this.#dice.roll(4);
    const fields = Array.from({ length: count }, (_, index) => this.field(`f${index}`, nesting + 1));
    this.#open.pop();
    return { type: 'record', name, ...(this.#dice.once(6) ? { namespace: this.#dice.pick(['x', 'y']) } : {}), fields };
  }

  field(name: string, nesting: number): Field {
    const type = this.type(nesting);
    return { name, type, ...(this.#dice.once(3) ? defaultOf(type) : {}) };
  }

  name(kind: string): string {
    this.#names += 1;
    return `${kind}${this.#names}`;
  }

  type(nesting: number): Json {
    const dice = this.#dice;
    if (nesting >= nestingMax || dice.roll(10) < 5) return dice.pick(primitives);
    const makers: (() => Json)[] = [
      () => ({ type: 'array', items: this.type(nesting + 1) }),
      () => ({ type: 'map', values: this.type(nesting + 1) }),
      () => ({
        type: 'enum',
        name: this.name('E'),
        symbols: ['A', 'B', 'C'].slice(0, 1 + dice.roll(3)),
        ...(dice.once(3) ? { default: 'A' } : {}),
      }),
      () => ({ type: 'fixed', name: this.name('F'), size: 1 + dice.roll(3) }),
      () => this.record(nesting),
      () => this.union(nesting),
      () => ['null', this.#open.at(-1) ?? 'int'],
    ];
    return dice.pick(makers)();
  }

  union(nesting: number): Json {
    const branches = new Map<string, Json>();
    for (let count = 1 + this.#dice.roll(3); count > 0; count -= 1) {
      const branch = this.type(nesting + 1);
      if (!Array.isArray(branch)) branches.set(kindOf(branch), branch);
    }
    return branches.size === 0 ? ['null'] : [...branches.values()];
  }
}

function kindOf(type: Json): string {
  if (typeof type === 'string') return type;
  const { name, type: kind } = type as Record<string, unknown>;
  return String(name ?? kind);
}

function defaultOf(type: Json): { default?: unknown } {
  const first = Array.isArray(type) ? (type[0] as Json) : type;
  if (typeof first === 'string') return first in defaults ? { default: defaults[first] } : {};
  const { type: kind, symbols } = first as Record<string, unknown>;
  if (kind === 'array') return { default: [] };
  if (kind === 'map') return { default: {} };
  return kind === 'enum' ? { default: (symbols as string[])[0] } : {};
}

/** A schema, and the same with one to three changes. */
export function generateAvroPair(dice: Dice): Pair<unknown> {
  const maker = new Maker(dice);
  const before = dice.once(8) ? maker.type(0) : maker.record(0);
  let after = structuredClone(before);
  for (let count = dice.roll(4); count > 0; count -= 1) after = change(after, dice, maker);
  return dice.once(4) ? { before: after, after: before } : { before, after };
}

/** Changes one place somewhere in a type. */
function change(type: Json, dice: Dice, maker: Maker): Json {
  if (typeof type === 'string') return changePrimitive(type, dice, maker);
  if (Array.isArray(type)) return changeUnion(type, dice, maker);
  if (dice.once(8)) return wrap(type, dice);
  const { type: kind } = type;
  if (kind === 'array') return { ...type, items: change(type['items'] as Json, dice, maker) };
  if (kind === 'map') return { ...type, values: change(type['values'] as Json, dice, maker) };
  if (kind === 'fixed') return dice.once(2) ? rename(type, dice, maker) : { ...type, size: 1 + dice.roll(3) };
  if (kind === 'enum') return changeEnum(type, dice, maker);
  return dice.once(6) ? rename(type, dice, maker) : { ...type, fields: changeFields(type['fields'] as Field[], dice, maker) };
}

const widened: Readonly<Record<string, Json>> = { int: 'long', long: 'float', float: 'double', string: 'bytes', bytes: 'string' };

function changePrimitive(type: string, dice: Dice, maker: Maker): Json {
  if (dice.once(3)) return widened[type] ?? dice.pick(primitives);
  if (dice.once(3)) return type === 'null' ? type : ['null', type];
  return dice.once(4) ? maker.type(2) : dice.pick(primitives);
}

function changeUnion(union: unknown[], dice: Dice, maker: Maker): Json {
  const branches = union as Json[];
  if (dice.once(4) && branches.length > 1) return branches.slice(1);
  if (dice.once(4)) return [...branches].reverse();
  if (dice.once(4)) return branches[0] ?? 'null';
  const free = primitives.filter((each) => !branches.includes(each));
  if (dice.once(2)) return [...branches, dice.pick(free)];
  const index = dice.roll(branches.length);
  const changed = change(branches[index] ?? 'null', dice, maker);
  const others = branches.filter((_, place) => place !== index);
  const fits = !Array.isArray(changed) && others.every((other) => kindOf(other) !== kindOf(changed));
  return fits ? branches.with(index, changed) : branches;
}

function changeEnum(type: Record<string, unknown>, dice: Dice, maker: Maker): Json {
  if (dice.once(4)) return rename(type, dice, maker);
  const symbols = dice.pick([['A'], ['A', 'B'], ['B', 'A', 'C'], ['A', 'B', 'C', 'D']]);
  const { default: _, ...rest } = type;
  return { ...rest, symbols, ...(dice.once(2) ? { default: 'A' } : {}) };
}

/** Another name, with or without an alias, or another namespace. A recursive reference goes by the old one: then nothing changes. */
function rename(type: Record<string, unknown>, dice: Dice, maker: Maker): Json {
  const name = String(type['name']);
  if (JSON.stringify(type).split(`"${name}"`).length > 2) return type;
  if (dice.once(3)) return { ...type, namespace: dice.pick(['x', 'y', 'z']) };
  const aliases = dice.once(2)
    ? { aliases: [type['namespace'] === undefined ? name : `${String(type['namespace'])}.${name}`] }
    : {};
  return { ...type, name: maker.name('N'), ...aliases };
}

function wrap(type: Record<string, unknown>, dice: Dice): Json {
  return dice.pick<Json>([{ type: 'array', items: type }, { type: 'map', values: type }, ['null', type]]);
}

function changeFields(fields: Field[], dice: Dice, maker: Maker): Field[] {
  const index = dice.roll(fields.length);
  const field = fields[index];
  if (field === undefined) return [maker.field('g1', 2)];
  const others = fields.filter((_, place) => place !== index);
  const { default: _, ...bare } = field;
  const changes: (() => Field[])[] = [
    () => [...fields, maker.field(maker.name('g'), 2)],
    () => others,
    () => fields.with(index, { ...bare, name: maker.name('h') }),
    () => fields.with(index, { ...field, name: maker.name('h'), aliases: [field.name] }),
    () => [...others, field],
    () => fields.with(index, { ...bare, ...defaultOf(field.type) }),
    () => fields.with(index, bare),
    () => changeType(fields, index, change(field.type, dice, maker)),
    () => changeType(fields, index, change(field.type, dice, maker)),
    () => changeType(fields, index, change(field.type, dice, maker)),
  ];
  return dice.pick(changes)();
}

function changeType(fields: Field[], index: number, type: Json): Field[] {
  const field = fields[index];
  if (field === undefined) return fields;
  const { default: given, ...bare } = field;
  return fields.with(index, { ...bare, type, ...(given === undefined ? {} : defaultOf(type)) });
}
