import type { Shape } from '@penstock/kernel';
import type { AppliedSchema } from '../applied.ts';
import type { RecordLanguage } from '../language/record.ts';
import type { DocumentPath } from '../reading/places.ts';
import { subjectOf } from './schema-sources.ts';
import { complain, complainOfMissing, type StagePlace, shapeOf } from './stage-place.ts';

/** What comes into a stage. */
export interface StageInput {
  readonly schema: AppliedSchema;
  readonly shape: Shape;
  readonly isIdentified: boolean;
  /** The record's time, key and identity, where the document says them; null where they come with the record. */
  readonly record: RecordLanguage | null;
  /** Where the record is described. */
  readonly recordPath: DocumentPath;
}

/** Null when complaints were made, or when nothing is known of the topic because of complaints elsewhere. */
export function typeInput(place: StagePlace): StageInput | null {
  return place.stage.from.mqtt === undefined ? fromTopic(place) : fromDevices(place);
}

function fromDevices(place: StagePlace): StageInput | null {
  const { document, stage, sources } = place;
  const record = stage.record ?? document.record;
  if (record === undefined) {
    complainOfMissing(place, ['record'], 'is missing: expected the record that devices send, here or for the whole pipeline');
    return null;
  }
  const recordPath = stage.record === undefined ? ['record'] : [...place.path, 'record'];
  const subject = subjectOf(stage.to.kafka?.topic ?? `${document.pipeline}.${place.name}`);
  const schema = sources.file(record.schema, subject, [...recordPath, 'schema']);
  return schema === null
    ? null
    : { schema, shape: shapeOf(schema), isIdentified: record.identity !== undefined, record, recordPath };
}

function fromTopic(place: StagePlace): StageInput | null {
  const { document, stage, topics } = place;
  const topic = stage.from.kafka?.topic ?? '';
  if (stage.record !== undefined) {
    complain(place, ['record'], `${topic} says itself what it holds: a record is described where devices send it`);
  }
  const settings = document.topics[topic];
  const typed = settings?.external === true ? externalTopic(place, topic) : topics.get(topic);
  if (typed === undefined || typed === null) return null;
  return { ...typed, record: null, recordPath: place.path };
}

/** A record of a foreign topic is known by its position. */
function externalTopic(place: StagePlace, topic: string): Omit<StageInput, 'record' | 'recordPath'> | null {
  const { document, sources, complaints } = place;
  const path = ['topics', topic, 'schema'];
  const reference = document.topics[topic]?.schema;
  const schema = reference === undefined ? sources.registered(subjectOf(topic)) : sources.file(reference, subjectOf(topic), path);
  if (schema !== null) return { schema, shape: shapeOf(schema), isIdentified: true };
  if (reference === undefined) {
    const message = `is missing: expected the schema of ${topic}, which is not registered as ${subjectOf(topic)}`;
    complaints.add({ path, code: 'document.missing', message });
  }
  return null;
}
