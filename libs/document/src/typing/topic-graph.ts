import { nearestOf } from '@penstock/expressions';
import type { ParsedDocument } from '../language/document.ts';
import type { Complaints } from './complaints.ts';

/** Which stages write and read each topic, and an order in which a topic is written before it is read. */
export interface TopicGraph {
  readonly writers: ReadonlyMap<string, readonly string[]>;
  readonly order: readonly string[];
}

/** The topics that every pipeline has besides those that its stages name. */
export function ownTopics(pipeline: string): { readonly late: string; readonly dead: string } {
  return { late: `${pipeline}.late`, dead: `${pipeline}.dead` };
}

export function changelogOf(pipeline: string, stage: string): string {
  return `${pipeline}.${stage}.changelog`;
}

export function buildTopicGraph(document: ParsedDocument, complaints: Complaints): TopicGraph {
  const writers = new Map<string, string[]>();
  for (const [name, { to }] of Object.entries(document.stages)) {
    if (to.kafka !== undefined) writers.set(to.kafka.topic, [...(writers.get(to.kafka.topic) ?? []), name]);
  }
  const own = ownNames(document);
  checkWriters(document, own, complaints);
  checkReaders(document, { writers, own }, complaints);
  checkSettings(document, writers, complaints);
  return { writers, order: sort(document, writers, complaints) };
}

/** Topics that the platform itself writes for this pipeline. */
function ownNames({ pipeline, stages }: ParsedDocument): ReadonlySet<string> {
  const changelogs = Object.keys(stages).map((name) => changelogOf(pipeline, name));
  return new Set([...Object.values(ownTopics(pipeline)), ...changelogs]);
}

function checkWriters({ stages }: ParsedDocument, own: ReadonlySet<string>, complaints: Complaints): void {
  for (const [name, { to }] of Object.entries(stages)) {
    if (to.kafka === undefined || !own.has(to.kafka.topic)) continue;
    const message = `${to.kafka.topic} is written by the pipeline itself: choose another topic`;
    complaints.add({ path: ['stages', name, 'to', 'kafka', 'topic'], code: 'document.own-topic', message });
  }
}

function isExternal({ topics }: ParsedDocument, topic: string): boolean {
  return topics[topic]?.external === true;
}

function checkReaders(
  document: ParsedDocument,
  { writers, own }: { writers: ReadonlyMap<string, unknown>; own: ReadonlySet<string> },
  complaints: Complaints,
): void {
  for (const [name, { from }] of Object.entries(document.stages)) {
    const topic = from.kafka?.topic;
    if (topic === undefined || writers.has(topic) || isExternal(document, topic)) continue;
    const suggestion = nearestOf(topic, writers.keys());
    const message = own.has(topic)
      ? `${topic} holds records of several kinds, as they came: no stage reads it`
      : `nobody writes ${topic}: let a stage end there, or say in topics that it is external`;
    const path = ['stages', name, 'from', 'kafka', 'topic'];
    complaints.add({ path, code: 'document.unwritten-topic', message, ...(suggestion === null ? {} : { suggestion }) });
  }
}

function checkSettings(document: ParsedDocument, writers: ReadonlyMap<string, readonly string[]>, complaints: Complaints): void {
  const read = Object.values(document.stages).flatMap(({ from }) => from.kafka?.topic ?? []);
  const { features, labels } = document.retrain?.dataset ?? {};
  const used = new Set([...writers.keys(), ...read, ...Object.values(ownTopics(document.pipeline)), features, labels]);
  for (const [topic, settings] of Object.entries(document.topics)) {
    const path = ['topics', topic];
    const fault = (at: string | null, message: string, suggestion: string | null = null): void =>
      complaints.add({
        path: at === null ? path : [...path, at],
        isOfKey: true,
        code: 'document.topic',
        message,
        ...(suggestion === null ? {} : { suggestion }),
      });
    const [writer] = writers.get(topic) ?? [];
    if (!used.has(topic)) fault(null, `no stage reads or writes ${topic}`, nearestOf(topic, [...used].filter(isText)));
    else if (settings.external && writer !== undefined) fault('external', `${topic} is not external: stage ${writer} writes it`);
    else if (settings.external && settings.partitions === undefined)
      fault('external', 'is missing: expected partitions as well, the number that the external topic has');
    if (!settings.external && settings.schema !== undefined)
      fault('schema', `${topic} gets its schema from the stage that writes it; only an external topic names one`);
  }
}

function isText(value: string | undefined): value is string {
  return value !== undefined;
}

/** Writers before readers (Kahn 1962), else in the order of the document; stages on a circle are complained about and left out. */
function sort(
  { stages }: ParsedDocument,
  writers: ReadonlyMap<string, readonly string[]>,
  complaints: Complaints,
): readonly string[] {
  const order: string[] = [];
  const waiting = new Set(Object.keys(stages));
  const isReady = (name: string): boolean =>
    (writers.get(stages[name]?.from.kafka?.topic ?? '') ?? []).every((writer) => !waiting.has(writer));
  for (let ready = [...waiting].filter(isReady); ready.length > 0; ready = [...waiting].filter(isReady)) {
    for (const name of ready) waiting.delete(name);
    order.push(...ready);
  }
  for (const name of waiting) {
    const path = ['stages', name, 'from', 'kafka', 'topic'];
    const message = `reads what comes, over other stages, from itself: ${[...waiting].join(' → ')}`;
    complaints.add({ path, code: 'document.circle', message });
  }
  return order;
}
