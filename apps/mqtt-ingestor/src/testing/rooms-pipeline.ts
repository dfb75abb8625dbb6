import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AppliedPipeline,
  applyDocument,
  checkDocument,
  formatComplaint,
  planPipeline,
  readDocument,
  type StagePlan,
} from '@penstock/document';

const folder = join(import.meta.dirname, '../../../../proto/data/rooms/v1');

export const readingSchemaText = readFileSync(join(folder, 'reading.proto'), 'utf8');
/** The id under which it would be registered. */
export const readingSchemaId = 7;

export interface RoomsOptions {
  readonly pipeline: string;
  readonly url?: string;
  readonly filter?: string;
  /** More settings of the MQTT end, as they stand in a document. */
  readonly settings?: string;
}

/** A pipeline that takes readings in and does no more, as it is applied. Its topics are `<pipeline>.raw` and `<pipeline>.dead`. */
export function applyRooms({
  pipeline,
  url = '${env:MQTT_URL}',
  filter = 'building/+/room/+/reading',
  settings = '',
}: RoomsOptions): AppliedPipeline {
  const text = `
pipeline: ${pipeline}
document: 1
record:
  schema: reading.proto#rooms.v1.Reading
  eventTime: { field: observedAtMs, aheadMsMax: 300000 }
  key: building + "/" + room
  identity: deviceId + "/" + string(sequence)
topics: { ${pipeline}.raw: { partitions: 2 } }
stages:
  ingest:
    from: { mqtt: { url: "${url}", topics: ["${filter}"], payload: json, set: { building: "topic[1]", room: "topic[3]" }, ${settings} } }
    to: { kafka: { topic: ${pipeline}.raw } }
`;
  const reading = readDocument(text, { file: 'rooms.yaml' });
  const { complaints, schemas } = checkDocument(reading, { readFile: () => readingSchemaText });
  if (reading.document === null || complaints.length > 0) {
    throw new Error(complaints.map((complaint) => formatComplaint('rooms.yaml', complaint)).join('\n'));
  }
  const registered = schemas.map((schema) => ({ ...schema, id: readingSchemaId, version: 1 }));
  return applyDocument(reading.document, registered, Date.now());
}

/** Its one stage. */
export function planIngest(applied: AppliedPipeline): StagePlan {
  const [plan] = planPipeline(applied).stages;
  if (plan === undefined) throw new Error(`pipeline ${applied.pipeline} has no stage`);
  return plan;
}
