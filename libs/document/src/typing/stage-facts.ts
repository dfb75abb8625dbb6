import {
  type Evaluate,
  type Expression,
  nearestOf,
  nounOf,
  refusedExpression,
  type Scope,
  valueTypeOf,
} from '@penstock/expressions';
import type { Binding, Slot } from '@penstock/kernel';
import type { StagePlan } from '../pipeline-plan.ts';
import type { DocumentPath } from '../reading/places.ts';
import { faultOf } from './complaints.ts';
import type { StageColumns } from './stage-columns.ts';
import type { StageInput } from './stage-input.ts';
import type { StagePlace } from './stage-place.ts';

/** How the rows of a stage are known, and what fills columns that payloads do not carry. */
export type StageFacts = Pick<StagePlan, 'levelsSlot' | 'set' | 'facts'> & {
  readonly setNames: ReadonlySet<string>;
  readonly openTexts: readonly OpenText[];
};

/** A text that stands beside the record in Kafka, and the fields that it is made of. */
export interface OpenText {
  readonly path: DocumentPath;
  readonly names: ReadonlySet<string>;
  /** What the text is to the fields. */
  readonly where: string;
}

/** The list that holds the levels of an MQTT topic. */
const levelsName = 'topic';

export function typeFacts(place: StagePlace, input: StageInput, columns: StageColumns): StageFacts {
  const { record, recordPath } = input;
  const openTexts: OpenText[] = [];
  const { set, levelsSlot } = typeSet(place, columns, openTexts);
  const text = (at: DocumentPath, written: string | undefined): Evaluate | null => {
    if (written === undefined) return null;
    const expression = typeText(place, columns, { text: written, path: at });
    if (expression !== null) openTexts.push({ path: at, names: expression.names, where: 'what is made of it here' });
    return expression?.evaluate ?? null;
  };
  const facts = {
    identity: null,
    // Keys are computed as records are read: of what came in, not of what transforms make of it.
    key: text([...place.path, 'to', 'kafka', 'key'], place.stage.to.kafka?.key),
    timeSlot: null,
    aheadMsMax: record?.eventTime.aheadMsMax ?? 0,
  };
  const setNames = new Set(Object.keys(place.stage.from.mqtt?.set ?? {}));
  if (record === null) return { levelsSlot, set, setNames, openTexts, facts };
  return {
    levelsSlot,
    set,
    setNames,
    openTexts,
    facts: {
      ...facts,
      key: facts.key ?? text([...recordPath, 'key'], record.key),
      identity: text([...recordPath, 'identity'], record.identity),
      timeSlot: typeTime(place, columns, { name: record.eventTime.field, path: [...recordPath, 'eventTime', 'field'] }),
    },
  };
}

interface Text {
  readonly text: string;
  readonly path: DocumentPath;
}

function compiled(place: StagePlace, columns: StageColumns, { text, path, scope }: Text & { scope: Scope }): Expression | null {
  try {
    return columns.compile(text, scope);
  } catch (thrown) {
    if (!refusedExpression.caused(thrown)) throw thrown;
    place.complaints.add(faultOf(thrown, path));
    return null;
  }
}

/** An expression that must be a string for every record that is whole. */
function typeText(place: StagePlace, columns: StageColumns, text: Text): Expression | null {
  const expression = compiled(place, columns, { ...text, scope: { columns: columns.input } });
  if (expression === null) return null;
  if (expression.type !== 'string') {
    const message = `expected a string, ${text.text} is ${nounOf(expression.type)}; write string(…)`;
    place.complaints.add({ path: text.path, code: 'document.type', message });
  }
  return expression;
}

function typeTime(place: StagePlace, columns: StageColumns, { name, path }: { name: string; path: DocumentPath }): Slot | null {
  const found = columns.input.find(({ field }) => field.name === name);
  if (found === undefined) {
    const known = columns.input.map(({ field }) => field.name);
    const suggestion = nearestOf(name, known);
    const message = `there is no field ${name}; fields: ${known.join(', ')}`;
    place.complaints.add({ path, code: 'document.type', message, ...(suggestion === null ? {} : { suggestion }) });
    return null;
  }
  columns.use(found);
  const { type } = found.field;
  if (type !== 'time' && type !== 'integer') {
    const message = `expected a field with a time or whole milliseconds, ${name} is a ${type}`;
    place.complaints.add({ path, code: 'document.type', message });
  }
  return found.slot;
}

/** Each expression sees the fields that payloads carry, those that were set before it, and the levels of the topic. */
function typeSet(place: StagePlace, columns: StageColumns, openTexts: OpenText[]): Pick<StagePlan, 'levelsSlot' | 'set'> {
  const entries = Object.entries(place.stage.from.mqtt?.set ?? {});
  if (entries.length === 0) return { levelsSlot: null, set: [] };
  const levelsSlot = columns.add({ name: levelsName, type: 'string', nullable: false });
  const unset = new Set(entries.map(([name]) => name));
  let reads = false;
  const set = entries.flatMap(([name, text]) => {
    const path = [...place.path, 'from', 'mqtt', 'set', name];
    const target = columns.input.find(({ field }) => field.name === name);
    if (target === undefined) return unknownTarget(place, columns, { name, path });
    const visible = columns.input.filter(({ field }) => !unset.has(field.name));
    const scope = { columns: visible, lists: [{ name: levelsName, slot: levelsSlot }] };
    const expression = compiled(place, columns, { text, path, scope });
    unset.delete(name);
    if (expression === null) return [];
    if (expression.names.has(levelsName)) {
      reads = true;
      openTexts.push({ path, names: new Set([name]), where: 'the topic that it comes from' }); // it is a header of the record
    }
    columns.use(target);
    return fits(target, expression)
      ? [{ slot: target.slot, evaluate: expression.evaluate }]
      : unfit(place, { target, expression, path });
  });
  return { levelsSlot: reads ? levelsSlot : null, set };
}

function fits({ field }: Binding, { type }: Expression): boolean {
  const wanted = valueTypeOf(field.type);
  return type === wanted || (type === 'int' && (wanted === 'timestamp' || wanted === 'double'));
}

function unfit(
  place: StagePlace,
  { target, expression, path }: { target: Binding; expression: Expression; path: DocumentPath },
): [] {
  const message = `${target.field.name} is ${nounOf(valueTypeOf(target.field.type))}, its expression is ${nounOf(expression.type)}`;
  place.complaints.add({ path, code: 'document.type', message });
  return [];
}

function unknownTarget(place: StagePlace, columns: StageColumns, { name, path }: { name: string; path: DocumentPath }): [] {
  const known = columns.input.map(({ field }) => field.name);
  const suggestion = nearestOf(name, known);
  const message = `the record has no field ${name}; fields: ${known.join(', ')}`;
  place.complaints.add({ path, code: 'document.type', message, isOfKey: true, ...(suggestion === null ? {} : { suggestion }) });
  return [];
}
