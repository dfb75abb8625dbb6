import type avsc from 'avsc';
import type { AvroType } from '../avro/model.ts';
import type { Schema } from '../schema.ts';
import { avroTypeOf } from './avro-form.ts';
import type { FieldSite, FindSites } from './field-rule.ts';
import type { TagsAt } from './field-tags.ts';

/** A field that a value stands in, and the record that the field is in. */
type Standing = Omit<FieldSite['facts'], 'typeName'>;

/** The scalars, enums and fixed values of a record, each by the branch that it is of where there are several. */
export function avroSites(schema: Schema & { readonly format: 'AVRO' }, tagsAt: TagsAt): FindSites {
  const tags = inlineTagsOf(schema.type);
  const tagsOf = (fullName: string): readonly string[] => [...(tags.get(fullName) ?? []), ...tagsAt(fullName)];
  const type = avroTypeOf(schema);
  return (record) => {
    const walk = new Walk(tagsOf);
    walk.visit(type, { value: record, set: () => undefined }, null);
    return walk.found;
  };
}

/** By `record.field`. */
export function inlineTagsOf(root: AvroType): Map<string, readonly string[]> {
  const tags = new Map<string, readonly string[]>();
  const seen = new Set<AvroType>();
  const visit = (type: AvroType): void => {
    if (seen.has(type)) return;
    seen.add(type);
    if (type.kind === 'array') visit(type.items);
    else if (type.kind === 'map') visit(type.values);
    else if (type.kind === 'union') for (const branch of type.branches) visit(branch);
    else if (type.kind === 'record') {
      for (const field of type.fields) {
        if (field.tags !== undefined) tags.set(`${type.name}.${field.name}`, field.tags);
        visit(field.type);
      }
    }
  };
  visit(root);
  return tags;
}

interface Held {
  readonly value: unknown;
  set(value: unknown): void;
}

class Walk {
  readonly found: FieldSite[] = [];
  readonly #tagsOf: (fullName: string) => readonly string[];

  constructor(tagsOf: (fullName: string) => readonly string[]) {
    this.#tagsOf = tagsOf;
  }

  visit(type: avsc.Type, held: Held, standing: Standing | null): void {
    const { value } = held;
    if (value === null || value === undefined) return;
    const { typeName } = type;
    if (typeName === 'union:unwrapped') return this.visit(branchOf(type as avsc.types.UnwrappedUnionType, value), held, standing);
    if (typeName === 'union:wrapped') return this.#wrapped(type as avsc.types.WrappedUnionType, value, standing);
    if (typeName === 'array') return this.#each((type as avsc.types.ArrayType).itemsType, value, standing);
    if (typeName === 'map') return this.#each((type as avsc.types.MapType).valuesType, value, standing);
    if (typeName === 'record' || typeName === 'error') return this.#record(type as avsc.types.RecordType, value);
    if (standing !== null) this.found.push({ value, facts: { ...standing, typeName: scalarName(type) }, set: held.set });
  }

  /** `{ branch: value }`, as it is read. */
  #wrapped(type: avsc.types.WrappedUnionType, value: unknown, standing: Standing | null): void {
    const [name = ''] = Object.keys(Object(value));
    const branch = type.types.find(({ branchName }) => branchName === name);
    if (branch === undefined) throw new TypeError(`a union has no branch ${name}`);
    this.visit(branch, heldIn(value as Record<string, unknown>, name), standing);
  }

  #each(type: avsc.Type, value: unknown, standing: Standing | null): void {
    for (const key of Object.keys(Object(value))) this.visit(type, heldIn(value as Record<string, unknown>, key), standing);
  }

  #record(type: avsc.types.RecordType, record: unknown): void {
    for (const { name, type: inner } of type.fields) {
      const fullName = `${type.name}.${name}`;
      const standing = { name, fullName, tags: this.#tagsOf(fullName), message: record };
      this.visit(inner, heldIn(record as Record<string, unknown>, name), standing);
    }
  }
}

/** In an object, or a list by its index. */
function heldIn(holder: Record<string, unknown>, key: string): Held {
  return {
    value: holder[key],
    set: (after) => {
      holder[key] = after;
    },
  };
}

function branchOf({ types }: avsc.types.UnwrappedUnionType, value: unknown): avsc.Type {
  const branch = types.find((type) => type.isValid(value));
  if (branch === undefined) throw new TypeError('a value is of no branch of its union');
  return branch;
}

function scalarName(type: avsc.Type): string {
  const { typeName } = type;
  if (typeName === 'abstract:long') return 'LONG';
  return (typeName.startsWith('logical:') ? 'int' : typeName).toUpperCase();
}
