import { messageOf, type Problem } from '@penstock/kernel';
import type { Batch, Header } from './batch.ts';
import type { Output } from './delivery.ts';

const utf8 = new TextEncoder();

/** Where a dead letter comes from. */
export interface DeadLetterOrigin {
  readonly pipeline: string;
  readonly stage: string;
}

const header = (name: string, value: string | number): Header => [name, utf8.encode(String(value))];

function refusalHeaders(origin: DeadLetterOrigin, problem: Problem, lane: string, position: number): Header[] {
  const slash = lane.lastIndexOf('/');
  return [
    header('__connect.errors.topic', slash < 0 ? lane : lane.slice(0, slash)),
    header('__connect.errors.partition', slash < 0 ? 0 : lane.slice(slash + 1)),
    header('__connect.errors.offset', position),
    header('__connect.errors.connector.name', origin.pipeline),
    header('__connect.errors.task.id', 0),
    header('__connect.errors.stage', origin.stage),
    header('__connect.errors.class.name', origin.stage),
    header('__connect.errors.exception.class.name', problem.code),
    header('__connect.errors.exception.message', messageOf(problem)),
    header('penstock_code', problem.code),
    header('penstock_stage', origin.stage),
    header('penstock_lane', lane),
    header('penstock_position', position),
  ];
}

/** The dead letter of an input row: its original key, bytes and headers, and Kafka Connect's own header names for the reason. */
export function deadLetterOfRow(origin: DeadLetterOrigin, batch: Batch, row: number, problem: Problem): Output {
  const position = batch.position(row);
  return {
    id: `${batch.lane}/${position}`,
    route: 'dead',
    key: batch.key(row),
    payload: batch.payload(row),
    headers: [...batch.headers(row), ...refusalHeaders(origin, problem, batch.lane, position)],
    eventTimeMs: batch.arrivedAtMs(row),
    cause: row,
  };
}

/** The dead letter of an output that no single row caused (an aggregate, a timer): its own key, bytes and headers. */
export function deadLetterOfOutput(
  origin: DeadLetterOrigin,
  output: Output,
  at: { lane: string; position: number },
  problem: Problem,
): Output {
  return { ...output, route: 'dead', headers: [...output.headers, ...refusalHeaders(origin, problem, at.lane, at.position)] };
}
