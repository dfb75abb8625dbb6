import type { StagePlan } from '@penstock/document';
import {
  type Kafka,
  openAcknowledgedSink,
  openKafkaDeadLetters,
  openKafkaSink,
  openKafkaSource,
  type RouteTarget,
} from '@penstock/kafka';
import type { DeadLetters } from '@penstock/pipeline';
import { noSuchEnd } from './problems.ts';
import type { EndContext, EndMakers, SinkEnd, SourceEnd } from './stage-ends.ts';
import { createInputDecoder, createOutputEncoder } from './stage-parts.ts';

export interface EndParts {
  readonly plan: StagePlan;
  readonly kafka: Kafka;
  readonly ends: EndMakers;
  readonly at: EndContext;
}

/** The ends of a stage, open. Closing them is one step: the sink first, so that nothing settles that is not stored. */
export interface OpenEnds extends AsyncDisposable {
  readonly source: SourceEnd;
  readonly sink: SinkEnd;
  readonly dead: DeadLetters;
}

/** The consumer group of a stage. */
export function groupOf({ pipeline, name }: StagePlan): string {
  return `${pipeline}.${name}`;
}

export async function openEnds(parts: EndParts): Promise<OpenEnds> {
  await using opened = new AsyncDisposableStack();
  const source = await openSource(parts);
  opened.use(source.source);
  const { sink, dead } = await openSink(parts);
  opened.use(dead);
  opened.use(sink.sink);
  const closing = opened.move();
  return { source, sink, dead, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

async function openSource({ plan, kafka, ends, at }: EndParts): Promise<SourceEnd> {
  if (plan.from.kind === 'mqtt') {
    if (ends.mqtt === undefined) throw noSuchEnd(`stage ${plan.name}: this service does not read from MQTT`);
    return ends.mqtt(plan, at);
  }
  const commits = plan.to.kind === 'kafka' ? 'sink' : 'source';
  const source = openKafkaSource(kafka, { groupId: groupOf(plan), topics: [plan.from.topic], commits });
  return { source, decoder: createInputDecoder(plan, at, kafka.clock) };
}

type OpenSink = { readonly sink: SinkEnd; readonly dead: DeadLetters & AsyncDisposable };

async function openSink(parts: EndParts): Promise<OpenSink> {
  const { plan, kafka, ends, at } = parts;
  if (plan.to.kind === 'kafka') return openTopic(parts, plan.to);
  if (ends.postgres === undefined) throw noSuchEnd(`stage ${plan.name}: this service does not write to PostgreSQL`);
  const sink = await ends.postgres(plan, at);
  return { sink, dead: sink.dead ?? openKafkaDeadLetters(kafka, plan.dead) };
}

function openTopic({ plan, kafka, at }: EndParts, main: RouteTarget): OpenSink {
  const encoder = createOutputEncoder(plan, at.executors);
  const routes = new Map<string, RouteTarget>([
    ['main', main],
    ['dead', plan.dead],
  ]);
  if (plan.late !== null) routes.set('late', plan.late);
  if (plan.from.kind !== 'kafka') {
    return { sink: { sink: openAcknowledgedSink(kafka, { routes }), encoder }, dead: openKafkaDeadLetters(kafka, plan.dead) };
  }
  const { pipeline, name: stage, changelog } = plan;
  const sink = openKafkaSink(kafka, { pipeline, stage, groupId: groupOf(plan), routes, changelog });
  // Dead letters join the transaction of the delivery that they come from; closing the sink closes this door too.
  const dead = { bury: sink.bury.bind(sink), [Symbol.asyncDispose]: async () => undefined };
  return { sink: { sink, encoder }, dead };
}
