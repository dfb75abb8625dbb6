import { dispatch } from '@penstock/contracts';
import type { DataService } from '@penstock/runner';
import { type GrpcServer, serverStream, unary } from '@penstock/service';
import { getDeadLetter, listDeadLetters } from './dead-letters.ts';
import { noSuchPipeline } from './problems.ts';
import { createRecordReader } from './record-json.ts';
import { subscribe } from './subscription.ts';

/** Records and dead letters for other teams. */
export function serveDispatch(server: GrpcServer, { kafka, registry, host }: DataService): void {
  const parts = { kafka, reader: createRecordReader(registry) };
  server.add(dispatch.DispatchServiceService, {
    subscribe: serverStream((request, { signal }) => subscribe(parts, request, signal)),
    listDeadLetters: unary((request) => listDeadLetters(parts, { ...request, topics: deadTopicsOf(host, request.pipeline) })),
    getDeadLetter: unary(async ({ id }) => ({ deadLetter: await getDeadLetter(parts, id) })),
  });
}

function deadTopicsOf(host: DataService['host'], pipeline: string): string[] {
  const plans = [...host.pipelines().values()];
  const wanted = pipeline === '' ? plans : plans.filter((plan) => plan.pipeline === pipeline);
  if (wanted.length === 0 && pipeline !== '')
    throw noSuchPipeline(
      `no pipeline ${pipeline} is applied; there are ${plans.map((plan) => plan.pipeline).join(', ') || 'none'}`,
    );
  return [...new Set(wanted.flatMap(({ stages }) => stages.map(({ dead }) => dead.topic)))];
}
