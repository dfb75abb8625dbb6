import { isReflectMessage, type ReflectMessage } from '@bufbuild/protobuf/reflect';
import { type Evaluate, skipped } from './cel-rule.ts';
import type { Rule } from './contract.ts';
import type { FieldPlace, FieldPlaces } from './field-places.ts';

/** Thrown where a field does not keep a condition. */
export class FieldRefused extends Error {}

/**
 * A record after a rule on its fields: another one where something changed, but a message of Protobuf, which is changed itself. Throws
 * `FieldRefused`.
 */
export function runOnFields(rule: Rule, evaluate: Evaluate, places: FieldPlaces): (record: unknown) => unknown {
  const fields = new FieldRule(rule, evaluate);
  return (record) => fields.inRecord(record, places, null);
}

/** Where a value stands: its field, and the record that the field is in. */
interface Standing {
  readonly place: FieldPlace;
  readonly message: unknown;
}

class FieldRule {
  readonly #rule: Rule;
  readonly #evaluate: Evaluate;

  constructor(rule: Rule, evaluate: Evaluate) {
    this.#rule = rule;
    this.#evaluate = evaluate;
  }

  /** `outer` is null for the record itself. */
  inRecord(record: unknown, within: FieldPlaces, outer: Standing | null): unknown {
    if (isReflectMessage(record)) return this.#inMessage(record, within);
    if (!isRecord(record)) return record;
    const entries = Object.entries(record);
    const after = entries.map(([name, value]) => {
      const place = within.get(name);
      if (place !== undefined) return [name, this.#visit(value, { place, message: record })] as const;
      // What is no field of a record here is an entry of a map, or a branch of a union by its name.
      return [name, outer === null ? value : this.#visit(value, outer)] as const;
    });
    const isSame = after.every(([, value], index) => value === entries[index]?.[1]);
    return isSame ? record : Object.fromEntries(after);
  }

  #visit(value: unknown, standing: Standing): unknown {
    if (value === null || value === undefined) return value;
    if (Array.isArray(value)) return mapped(value, (each) => this.#visit(each, standing));
    const { place } = standing;
    if (isReflectMessage(value) || isRecord(value)) return this.inRecord(value, place.inside(), standing);
    const { tags } = this.#rule;
    const isMeant = tags.length === 0 || tags.some((tag) => place.tags.includes(tag));
    return place.typeName !== null && isMeant ? this.#onScalar(value, standing) : value;
  }

  #onScalar(value: unknown, { place, message }: Standing): unknown {
    const { name, fullName, typeName, tags } = place;
    const result = this.#evaluate({ value, name, fullName, typeName, tags, message });
    const { kind } = this.#rule;
    if (result === skipped) return value;
    if (kind === 'CONDITION' && result !== true) throw new FieldRefused(`${fullName} does not hold`);
    return kind === 'CONDITION' ? value : result;
  }

  #inMessage(message: ReflectMessage, within: FieldPlaces): ReflectMessage {
    for (const field of message.fields) {
      const place = within.get(field.name);
      if (place === undefined || !message.isSet(field)) continue;
      if (field.fieldKind === 'list') this.#inEntries([...message.get(field)].entries(), message.get(field), { place, message });
      else if (field.fieldKind === 'map') this.#inEntries(message.get(field), message.get(field), { place, message });
      else {
        const before: unknown = message.get(field);
        const after = this.#visit(before, { place, message });
        if (after !== before) message.set(field, fitting(after, place) as never);
      }
    }
    return message;
  }

  #inEntries<Key>(
    entries: Iterable<readonly [Key, unknown]>,
    into: { set(at: Key, value: unknown): unknown },
    standing: Standing,
  ): void {
    for (const [at, before] of entries) {
      const after = this.#visit(before, standing);
      if (after !== before) into.set(at, fitting(after, standing.place));
    }
  }
}

/** Long integers of Protobuf are no numbers. */
function fitting(value: unknown, { typeName }: FieldPlace): unknown {
  return typeName === 'LONG' && typeof value === 'number' ? BigInt(value) : value;
}

function mapped(list: readonly unknown[], change: (value: unknown) => unknown): readonly unknown[] {
  const after = list.map(change);
  return after.every((value, index) => value === list[index]) ? list : after;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}
