import type { Binding, Field } from '@penstock/kernel';
import { defineTransform, type TypedAggregate, type Typing } from '@penstock/pipeline';
import { type AggregateKind, aggregateKinds } from './aggregates.ts';
import { type WindowConfig, windowConfig } from './config.ts';
import { createWindow, type WindowSettings } from './transform.ts';

/** What every window says of itself, before what was computed. */
const ownFields = [
  { name: 'key', type: 'string', nullable: false },
  { name: 'windowStartMs', type: 'integer', nullable: false },
  { name: 'windowEndMs', type: 'integer', nullable: false },
  { name: 'count', type: 'integer', nullable: false },
] as const satisfies readonly Field[];

export const window = defineTransform({
  name: 'window',
  sentence: 'Gathers the records of each key into windows of event time; each window comes out as one record of aggregates.',
  config: windowConfig,
  type(config, typing) {
    const own = ownFields.map((field): Binding => ({ field, slot: typing.add(field) }));
    const aggregates = Object.entries(config.compute).flatMap(([name, text]) => typeAggregate(name, text, typing) ?? []);
    const slots = Object.fromEntries(own.map(({ field, slot }) => [field.name, slot])) as unknown as WindowSettings['slots'];
    return {
      columns: [...own, ...aggregates.map(({ binding }) => binding)],
      memory: 'keyed',
      store: 'window',
      knowsLate: true,
      open: () => createWindow(settingsOf(config, typing.stage, { slots, aggregates })),
    };
  },
});

interface BoundAggregate {
  readonly binding: Binding;
  readonly typed: TypedAggregate<AggregateKind>;
}

function typeAggregate(name: string, text: string, typing: Typing): BoundAggregate | null {
  const at = ['compute', name];
  if (ownFields.some((own) => own.name === name)) {
    typing.complain(at, `every window has a ${name} already: choose another name`);
    return null;
  }
  const typed = typing.aggregate(text, aggregateKinds, at);
  if (typed === null) return null;
  const { type } = typed.operand;
  if (type !== 'number' && type !== 'integer') {
    typing.complain(at, `${typed.kind} takes numbers, its operand is a ${type}`);
    return null;
  }
  const field = fieldOf(name, typed);
  return { binding: { field, slot: typing.add(field) }, typed };
}

/** Whole numbers stay whole unless they are averaged; units stay but for a count. A window holds at least one record. */
function fieldOf(name: string, { kind, operand }: TypedAggregate<AggregateKind>): Field {
  if (kind === 'count') return { name, type: 'integer', nullable: false };
  const type = kind === 'mean' || kind === 'stddev' ? 'number' : operand.type;
  const unit = operand.unit === undefined ? {} : { unit: operand.unit };
  return { name, type, nullable: operand.nullable || kind === 'stddev', ...unit };
}

function settingsOf(
  { tumblingMs, latenessMs, idleMs }: WindowConfig,
  stage: string,
  { slots, aggregates }: { slots: WindowSettings['slots']; aggregates: readonly BoundAggregate[] },
): WindowSettings {
  return {
    stage,
    tumblingMs,
    latenessMs,
    idleMs,
    slots,
    aggregates: aggregates.map(({ binding: { slot }, typed: { kind, operand } }) => ({
      kind,
      slot,
      value: operand.number ?? (() => Number.NaN),
    })),
  };
}
