import { createCompute } from '@penstock/compute';
import { createDedupe } from '@penstock/dedupe';
import { compile } from '@penstock/expressions';
import { createHampel } from '@penstock/hampel';
import { type Binding, type Field, type FieldType, systemClock } from '@penstock/kernel';
import { createStage, factFields, type RowFacts, type Stage, stampedId } from '@penstock/pipeline';
import { createDecoder, createEncoder, parseSchema } from '@penstock/schema';
import { createValidate } from '@penstock/validate';
import { createWindow } from '@penstock/window';
import type { ReadingFormat } from './reading-formats.ts';

const event = { source: 'penstock/bench/readings', type: 'Reading' };
const ranges = [
  ['co2Ppm', 250, 10_000],
  ['temperatureC', -40, 85],
] as const;
const minuteMs = 60_000;

/** Columns of the format's own schema, behind the facts. */
function bind({ schema }: ReadingFormat): Binding[] {
  return schema.shape.fields.map((field, index) => ({ field, slot: factFields.length + index }));
}

function slotOf(bindings: readonly Binding[], name: string): number {
  const found = bindings.find(({ field }) => field.name === name);
  if (found === undefined) throw new TypeError(`no column ${name}`);
  return found.slot;
}

/** What a document's `key` and `eventTime` say, and the id that came with the record. */
function factsOf(columns: readonly Binding[], id: RowFacts['id']): RowFacts {
  const timeSlot = slotOf(columns, 'observedAtMs');
  const key = compile('building + "/" + room', { columns });
  return {
    id,
    key: (_batch, rows, row) => key.evaluate(rows, row) as string,
    timeMs: (_batch, rows, row) => rows.numbers(timeSlot)[row] as number,
  };
}

function validateOf(columns: readonly Binding[]) {
  return createValidate(ranges.map(([name, min, max]) => ({ name, slot: slotOf(columns, name), min, max })));
}

/** decode → validate → compute → encode; what is computed is what the reading said already, so that bytes come out as they went in. */
export function createReadingStage(format: ReadingFormat): Stage {
  const columns = bind(format);
  const computed: Binding = {
    field: { name: 'temperatureF', type: 'number', nullable: false },
    slot: factFields.length + columns.length,
  };
  const { evaluate } = compile('temperatureC * 1.8 + 32.0', { columns });
  const written = columns.map((binding) => (binding.field.name === computed.field.name ? computed : binding));
  return createStage({
    origin: { pipeline: 'bench', stage: 'readings' },
    clock: systemClock,
    slots: [...factFields, ...columns.map(({ field }) => field), computed.field],
    decoder: createDecoder(format.schema, columns),
    facts: factsOf(columns, (batch, _rows, row) => stampedId(batch.headers(row)) as string),
    transforms: [validateOf(columns), createCompute([{ ...computed, evaluate }])],
    encoder: createEncoder(format.schema, written, null),
    event,
    stampsInputs: false,
  });
}

const windowSchema = parseSchema({
  format: 'PROTOBUF',
  text: `syntax = "proto3"; message RoomMinute {
    string key = 1; int64 windowStartMs = 2; int64 windowEndMs = 3; int64 count = 4; optional double co2Mean = 5; optional double temperatureMean = 6;
  }`,
});

/** dedupe → validate → hampel → window, with the settings of the sample document. */
export function createWindowStage(format: ReadingFormat): Stage {
  const columns = bind(format);
  const fields: Field[] = [...factFields, ...columns.map(({ field }) => field)];
  const add = (name: string, type: FieldType, nullable = false): Binding => {
    const field = { name, type, nullable };
    return { field, slot: fields.push(field) - 1 };
  };
  const own = [add('key', 'string'), ...['windowStartMs', 'windowEndMs', 'count'].map((name) => add(name, 'integer'))];
  const means = ['co2Ppm', 'temperatureC'].map((name, index) => {
    const slot = slotOf(columns, name);
    const mean = add(['co2Mean', 'temperatureMean'][index] as string, 'number', true);
    return { mean, value: compile(name, { columns: columns.filter((each) => each.slot === slot) }).number as () => number };
  });
  const [key, windowStartMs, windowEndMs, count] = own.map(({ slot }) => slot) as [number, number, number, number];
  const identity = compile('deviceId + "/" + string(sequence)', { columns });
  return createStage({
    origin: { pipeline: 'bench', stage: 'windows' },
    clock: systemClock,
    slots: fields,
    decoder: createDecoder(
      format.schema,
      columns.filter(({ field }) => !['humidityPct', 'temperatureF', 'note'].includes(field.name)),
    ),
    facts: factsOf(columns, (_batch, rows, row) => identity.evaluate(rows, row) as string),
    transforms: [
      createDedupe({ windowMs: 10 * minuteMs }),
      validateOf(columns),
      createHampel({
        field: 'co2Ppm',
        slot: slotOf(columns, 'co2Ppm'),
        windowMs: 10 * minuteMs,
        thresholdMad: 4,
        action: 'replace',
      }),
      createWindow({
        stage: 'windows',
        tumblingMs: minuteMs,
        latenessMs: minuteMs / 2,
        idleMs: minuteMs / 2,
        aggregates: means.map(({ mean, value }) => ({ kind: 'mean', slot: mean.slot, value })),
        slots: { key, windowStartMs, windowEndMs, count },
      }),
    ],
    encoder: createEncoder(windowSchema, [...own, ...means.map(({ mean }) => mean)], 1),
    event,
    stampsInputs: true,
  });
}
