import { trace } from '@opentelemetry/api';
import { ingest } from '@penstock/contracts';
import type { Header } from '@penstock/pipeline';
import { bidiStream, type GrpcCall, type GrpcServer, traceHeader, unary } from '@penstock/service';
import { inOrder } from './in-order.ts';
import type { Answered } from './ingest-metrics.ts';
import type { IngestStages } from './ingest-stages.ts';
import { badRequest, overloaded } from './problems.ts';
import { bytesOf } from './record-batch.ts';
import { Room } from './room.ts';

export interface IngestApiParts {
  readonly stages: IngestStages;
  readonly answered: Answered;
  /** Bytes of records that may be under way at a time, over all calls. */
  readonly bytesMax?: number;
  /** Requests of one stream that may be under way at a time. */
  readonly underWayMax?: number;
}

type Request = ingest.PublishRequest;

const limits = { bytesMax: 67_108_864, underWayMax: 64 };

/** Lets programs publish what would else come by MQTT. */
export function serveIngest(server: GrpcServer, parts: IngestApiParts): void {
  const { bytesMax, underWayMax } = { ...limits, ...parts };
  const room = new Room(bytesMax);
  server.add(ingest.IngestServiceService, {
    publish: unary(async (request: Request, call) => {
      const bytes = bytesOf(request.records);
      if (!room.tryTake(bytes)) {
        throw overloaded(`${room.taken} bytes are on their way to Kafka: try again in a while`, { facts: { bytesMax } });
      }
      return { outcomes: await publish(parts, request, { room, bytes, call }) };
    }),
    publishStream: bidiStream((requests: AsyncIterable<ingest.PublishStreamRequest>, call) => {
      const named = createNaming();
      return inOrder(requests, {
        underWayMax,
        begin: async (streamed) => {
          const request = named(streamed);
          const bytes = bytesOf(request.records);
          await room.take(bytes, call.signal);
          return { answer: publish(parts, request, { room, bytes, call }).then((outcomes) => ({ outcomes })) };
        },
      });
    }),
  });
}

/** Publishes what has taken its room already, and gives that back when it is known what became of it. */
async function publish(
  { stages, answered }: IngestApiParts,
  { pipeline, stage: name, records }: Request,
  { room, bytes, call }: { readonly room: Room; readonly bytes: number; readonly call: GrpcCall },
): Promise<ingest.Outcome[]> {
  try {
    const stage = stages.at(pipeline, name);
    const outcomes = await stage.publish(records, { trace: traceOfCall(), signal: call.signal });
    answered(stage.plan, outcomes);
    return outcomes;
  } finally {
    room.give(bytes);
  }
}

function traceOfCall(): Header | null {
  const span = trace.getActiveSpan()?.spanContext();
  return span === undefined ? null : traceHeader(span);
}

/** A stream names its stage once. */
function createNaming(): (request: Request) => Request {
  let first: Request | null = null;
  return (request) => {
    first ??= request;
    const { pipeline, stage } = first;
    if ((request.pipeline || pipeline) !== pipeline || (request.stage || stage) !== stage) {
      throw badRequest(`a stream stays with one stage: this one began with ${pipeline}/${stage}`);
    }
    return { ...request, pipeline, stage };
  };
}
