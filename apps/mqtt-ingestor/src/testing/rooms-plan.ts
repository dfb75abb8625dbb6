import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppliedSchema, Evaluate, StagePlan } from '@penstock/document';
import type { Rows } from '@penstock/kernel';
import { factFields } from '@penstock/pipeline';
import { schemaOf } from '@penstock/runner';

const root = join(import.meta.dirname, '../../../..');

export const readingSchema: AppliedSchema = {
  subject: 'rooms.raw-value',
  id: 7,
  version: 1,
  format: 'PROTOBUF',
  text: readFileSync(join(root, 'proto/data/rooms/v1/reading.proto'), 'utf8'),
  message: 'rooms.v1.Reading',
};

const { fields } = schemaOf(readingSchema).shape;
const slotOf = (name: string): number => factFields.length + fields.findIndex((field) => field.name === name);
const levelsSlot = factFields.length + fields.length;
const valueOf =
  (name: string): Evaluate =>
  (rows: Rows, row: number) =>
    rows.values(slotOf(name))[row];
const level =
  (index: number): Evaluate =>
  (rows, row) =>
    (rows.values(levelsSlot)[row] as string[])[index];

/** The stage that takes readings in, of a document about rooms. */
export function createRoomsPlan(topic: string, more: Partial<StagePlan> = {}): StagePlan {
  const bindings = fields.map((field) => ({ field, slot: slotOf(field.name) }));
  const key: Evaluate = (rows, row) => `${valueOf('building')(rows, row)}/${valueOf('room')(rows, row)}`;
  const identity: Evaluate = (rows, row) => `${valueOf('deviceId')(rows, row)}/${rows.numbers(slotOf('sequence'))[row]}`;
  return {
    pipeline: 'rooms',
    name: 'ingest',
    fingerprint: 'first',
    service: 'mqtt-ingestor',
    from: { kind: 'mqtt', config: { url: 'mqtt://127.0.0.1', clientId: 'rooms.ingest', topics: ['building/+/room/+/reading'] } },
    to: { kind: 'kafka', topic, partitions: 2 },
    late: null,
    dead: { topic: `${topic}.dead`, partitions: 1 },
    changelog: null,
    slots: [...factFields, ...fields, { name: 'topic', type: 'string', nullable: true }],
    input: { schema: readingSchema, payload: 'json', bindings, set: new Set(['building', 'room']) },
    output: { schema: readingSchema, bindings },
    levelsSlot,
    set: [
      { slot: slotOf('building'), evaluate: level(1) },
      { slot: slotOf('room'), evaluate: level(3) },
    ],
    facts: { identity, key, timeSlot: slotOf('observedAtMs'), aheadMsMax: 300_000 },
    predicts: null,
    open: () => [],
    ...more,
  };
}
