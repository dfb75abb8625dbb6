import { messageOf, type Problem } from '@penstock/kernel';
import type { Batch, Header } from './batch.ts';
import type { Output } from './delivery.ts';

const utf8 = new TextEncoder();

/** Where a dead letter comes from. */
export interface DeadLetterOrigin {
  readonly pipeline: string;
  readonly stage: string;
  /** True where records come encrypted: a letter does not tell of values that only the stage has seen. */
  readonly isSecret?: boolean;
}

/** A position in a lane. */
interface Place {
  readonly lane: string;
  readonly position: number;
}

const header = (name: string, value: string | number): Header => [name, utf8.encode(String(value))];

function refusalHeaders(origin: DeadLetterOrigin, problem: Problem, { lane, position }: Place): Header[] {
  const slash = lane.lastIndexOf('/');
  const isTold = origin.isSecret !== true || isDiscreet(problem);
  const facts = Object.entries(problem.facts).filter(([name]) => isTold || name === 'field');
  return [
    header('__connect.errors.topic', slash < 0 ? lane : lane.slice(0, slash)),
    header('__connect.errors.partition', slash < 0 ? 0 : lane.slice(slash + 1)),
    header('__connect.errors.offset', position),
    header('__connect.errors.connector.name', origin.pipeline),
    header('__connect.errors.task.id', 0),
    header('__connect.errors.stage', origin.stage),
    header('__connect.errors.class.name', origin.stage),
    header('__connect.errors.exception.class.name', problem.code),
    header('__connect.errors.exception.message', isTold ? messageOf(problem) : `${problem.code}: ${untold}`),
    header('penstock_code', problem.code),
    header('penstock_stage', origin.stage),
    header('penstock_lane', lane),
    header('penstock_position', position),
    ...facts.map(([name, fact]) => header(`penstock_fact_${name}`, String(fact))),
  ];
}

const untold = 'more is not told of records that come encrypted';

/** Codecs mind themselves what they tell of what is encrypted. */
function isDiscreet({ code }: Problem): boolean {
  return code.startsWith('schema.');
}

/** A row of a batch. */
export interface RowOfBatch {
  readonly batch: Batch;
  readonly row: number;
}

/** An output and the position of the lane at which it came about. */
export interface OutputOfLane extends Place {
  readonly output: Output;
}

/** The dead letter of an input row: its original key, bytes and headers, and Kafka Connect's own header names for the reason. */
export function deadLetterOfRow(origin: DeadLetterOrigin, { batch, row }: RowOfBatch, problem: Problem): Output {
  const place = { lane: batch.lane, position: batch.position(row) };
  return {
    id: `${place.lane}/${place.position}`,
    route: 'dead',
    key: batch.key(row),
    payload: batch.payload(row),
    headers: [...batch.headers(row), ...refusalHeaders(origin, problem, place)],
    eventTimeMs: batch.arrivedAtMs(row),
    cause: row,
  };
}

/** The dead letter of an output that no single row caused (an aggregate, a timer): its own key, bytes and headers. */
export function deadLetterOfOutput(origin: DeadLetterOrigin, { output, ...place }: OutputOfLane, problem: Problem): Output {
  return { ...output, route: 'dead', headers: [...output.headers, ...refusalHeaders(origin, problem, place)] };
}
