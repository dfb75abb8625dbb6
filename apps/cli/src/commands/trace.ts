import { dispatch, models } from '@penstock/contracts';
import type { StagePlan } from '@penstock/document';
import { type Kafka, openKafka } from '@penstock/kafka';
import { Problem } from '@penstock/kernel';
import { createGrpcClient, type GrpcClient } from '@penstock/service';
import { type Addresses, readAddresses } from '../command-line/addresses.ts';
import { defineCommand } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { grpcOptions } from '../command-line/grpc-options.ts';
import { show } from '../command-line/output.ts';
import { notFound } from '../command-line/problems.ts';
import { readPlans } from '../trace/applied-pipelines.ts';
import { contributorsOf, followRecord } from '../trace/follow-record.ts';
import { type FoundRecord, originOf, placeOf, refusedAt } from '../trace/found-record.ts';
import { storedRows } from '../trace/stored-rows.ts';
import type { Trail } from '../trace/trail.ts';
import { shownRecordOf } from './shown-record.ts';
import { type ModelOfHop, type Trace, type TraceHop, traceLines } from './trace-lines.ts';

const options = {
  pipeline: { type: 'string', short: 'p', value: 'name', says: 'look through the topics of this pipeline only' },
} as const;

interface Tracing {
  readonly addresses: Addresses;
  readonly kafka: Kafka;
  readonly dispatcher: GrpcClient<typeof dispatch.DispatchServiceClient.service>;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly stages: readonly StagePlan[];
}

export const trace = defineCommand({
  operands: ['<record id>'],
  options,
  details: [
    'Follows one record from where it was published to the rows of the sinks: its schema, what each stage made of it, the model that',
    'judged it and what that was trained on. Takes the id of a record (`penstock tail -o json` shows it) or topic/partition/offset,',
    'that of a dead letter too. Reads the topics of the pipeline once.',
  ],
  async run({ values, operands: [id = ''], env, folder, signal, output }) {
    const addresses = readAddresses({ env, folder });
    await using kafka = openKafka({ brokers: addresses.kafka.split(','), clientId: 'penstock-cli' });
    using dispatcher = createGrpcClient(dispatch.DispatchServiceClient, addresses.service('sink-dispatcher'), grpcOptions(env));
    const plans = (await readPlans(kafka)).filter(({ pipeline }) => pipeline === (values.pipeline ?? pipeline));
    const stages = plans.flatMap((plan) => plan.stages);
    const { trail, read } = await followRecord(kafka, id, { stages, signal });
    if (trail.found.length === 0)
      throw notFound(
        `no record ${id} among the ${read.toLocaleString('en')} of ${plans.map(({ pipeline }) => pipeline).join(', ') || 'no pipeline'}`,
      );
    const result = await tell(id, trail, {
      addresses,
      kafka,
      dispatcher,
      env: { ...addresses.platform?.env, ...env },
      signal,
      stages,
    });
    show(output, result, () => traceLines(result));
    return exitCode.done;
  },
});

async function tell(id: string, trail: Trail, tracing: Tracing): Promise<Trace> {
  const hops: TraceHop[] = [];
  for (const record of trail.found) hops.push(await hopOf(record, tracing));
  const rows = await Promise.all(
    tracing.stages.map(async (stage) => {
      if (stage.to.kind !== 'postgres' || stage.from.kind !== 'kafka') return [];
      const ids = trail.inTopic(stage.from.topic).map((record) => record.id);
      if (ids.length === 0) return [];
      const stored = await storedRows(stage, ids, tracing.env);
      return stored.map((row) => ({ stage: stage.name, table: stage.to.kind === 'postgres' ? stage.to.config.table : '', row }));
    }),
  );
  hops.sort((left, right) => left.record.arrivedAtMs - right.record.arrivedAtMs);
  return { id, hops, rows: rows.flat() };
}

async function hopOf(found: FoundRecord, tracing: Tracing): Promise<TraceHop> {
  const { stages, kafka, signal } = tracing;
  const stage = stageOf(found, stages);
  const record = shownRecordOf(await read(found, tracing));
  // A stage that passes aggregates on passes on what they say of themselves.
  const origin = stage?.from.kind === 'kafka' && originOf(found)?.topic === stage.from.topic ? originOf(found) : null;
  const contributors = origin === null ? [] : await contributorsOf(kafka, found, signal);
  const schema = stages
    .flatMap(({ input, output }) => [input.schema, output.schema])
    .find((each) => each !== null && each.id === record.schemaId && each.id !== 0);
  return {
    stage: stage?.name ?? null,
    service: stage?.service ?? null,
    place: placeOf(found),
    refusedAt: refusedAt(found),
    refusal:
      refusedAt(found) === null
        ? null
        : {
            code: found.headers.get('penstock_code') ?? '',
            message: found.headers.get('__connect.errors.exception.message') ?? '',
          },
    isLate: stages.some(({ late }) => late?.topic === found.topic),
    madeOf: origin === null ? null : { ...origin, ids: contributors.map((each) => each.id) },
    schema: schema === undefined || schema === null ? null : { subject: schema.subject, version: schema.version, id: schema.id },
    pipelineVersion: found.headers.get('ce_pipelineversion') ?? null,
    model: await modelOf(found, tracing),
    record,
  };
}

/** Who wrote it: by its stamp, else whoever writes to that topic. */
function stageOf(found: FoundRecord, stages: readonly StagePlan[]): StagePlan | null {
  const name =
    refusedAt(found) === null ? found.headers.get('ce_source')?.split('/').at(-1) : found.headers.get('penstock_stage');
  const writers = stages.filter(
    ({ to, dead, late }) =>
      (to.kind === 'kafka' && to.topic === found.topic) || dead.topic === found.topic || late?.topic === found.topic,
  );
  return writers.find((stage) => stage.name === name) ?? writers[0] ?? null;
}

/** The record as the dispatcher reads it, by the schema that it was written with. */
async function read({ topic, partition, offset }: FoundRecord, { dispatcher, signal }: Tracing): Promise<dispatch.Record> {
  const request = dispatch.SubscribeRequest.fromPartial({
    topic,
    from: dispatch.SubscribeFrom.LATEST,
    offsets: new Map([[partition, BigInt(offset)]]),
    untilEnd: true,
  });
  for await (const { item } of dispatcher.subscribe(request, { signal })) {
    if (item?.$case === 'record' && item.value.partition === partition) return item.value;
  }
  throw notFound(`${topic}/${partition}/${offset}: the record is not there any more`);
}

async function modelOf({ headers }: FoundRecord, { addresses, env }: Tracing): Promise<ModelOfHop | null> {
  const model = headers.get('penstock_model');
  if (model === undefined) return null;
  const version = headers.get('penstock_model_version') ?? '';
  using client = createGrpcClient(models.ModelsServiceClient, addresses.service('model-server'), grpcOptions(env));
  try {
    const answer = await client.getModel({ model });
    const known = answer.model?.versions.find((each) => String(each.version) === version);
    return { model, version, trained: known === undefined ? null : models.Version.toJSON(known) };
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    return { model, version, trained: null };
  }
}
