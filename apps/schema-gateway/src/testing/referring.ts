import type { pipelines as api } from '@penstock/contracts';

/** An enum of Avro, as a file beside the document. */
export const kindSchema = '{"type":"enum","name":"rooms.Kind","symbols":["NONE","CO2"]}';

export const placeSchema = '{"type":"record","name":"rooms.Place","fields":[{"name":"floor","type":"int"}]}';

export const readingSchema = JSON.stringify({
  type: 'record',
  name: 'rooms.Reading',
  fields: [
    { name: 'device', type: 'string' },
    { name: 'at', type: 'long' },
    { name: 'kind', type: 'Kind' },
    { name: 'place', type: ['null', 'Place'], default: null },
  ],
});

/** A pipeline whose record refers to a file and, under the subject `places`, to what is registered. It asks for the kind. */
export function referringDocument(pipeline: string, places: string): api.Document {
  const text = `pipeline: ${pipeline}
document: 1
schemas:
  rooms.Kind: { file: kind.avsc, subject: ${pipeline}.kinds }
  rooms.Place: { subject: ${places} }
record: { schema: reading.avsc, eventTime: { field: at }, key: device }
stages:
  ingest:
    from: { mqtt: { url: mqtt://127.0.0.1:1883, topics: [a], payload: json } }
    to: { kafka: { topic: ${pipeline}.raw } }
  hot:
    from: { kafka: { topic: ${pipeline}.raw } }
    via: [{ compute: { isCo2: 'kind == "CO2"' } }]
    to: { kafka: { topic: ${pipeline}.hot } }
`;
  const files = new Map([
    ['reading.avsc', readingSchema],
    ['kind.avsc', kindSchema],
  ]);
  return { text, file: 'rooms.yaml', files };
}
