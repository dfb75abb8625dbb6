import { createRandom, type Random } from '@penstock/kernel';

/** What a row is for: it passes, is counted into an aggregate, is thrown away, is poison, or is refused by the sink. */
export type RowKind = 'plain' | 'absorbed' | 'dropped' | 'poison' | 'refused';

export interface Row {
  readonly id: string;
  readonly lane: string;
  readonly position: number;
  readonly device: string;
  readonly sequence: number;
  readonly kind: RowKind;
  readonly arrivesAtMs: number;
}

export type FaultKind = 'crash' | 'zombie' | 'revocation' | 'slow' | 'failing' | 'source-failing';

export interface Fault {
  readonly kind: FaultKind;
  readonly atMs: number;
  readonly forMs: number;
  /** Picks the process or lane that is hit. */
  readonly pick: number;
}

/** `ledger`: the sink keeps positions and state (Kafka, PostgreSQL). `acknowledged`: the source's ledger counts (MQTT). */
export type Flavour = 'ledger' | 'acknowledged';

/** One run, wholly determined by its seed. */
export interface Scenario {
  readonly seed: number;
  readonly flavour: Flavour;
  readonly sinkStoresDead: boolean;
  readonly slowTransform: boolean;
  readonly rows: readonly Row[];
  readonly faults: readonly Fault[];
  readonly random: Random;
}

export const lanes = ['readings/0', 'readings/1', 'readings/2'] as const;
export const startMs = 1_000_000;
const rowsMin = 200;
const lastArrivalMs = 2_000;

export function createScenario(seed: number): Scenario {
  const random = createRandom(seed);
  const flavour: Flavour = random() < 0.65 ? 'ledger' : 'acknowledged';
  return {
    seed,
    flavour,
    sinkStoresDead: flavour === 'ledger' && random() < 0.5,
    slowTransform: random() < 0.3,
    rows: createRows(random, flavour),
    faults: createFaults(random),
    random,
  };
}

function createRows(random: Random, flavour: Flavour): Row[] {
  const sequences = new Map<string, number>();
  const positions = new Map<string, number>();
  const count = rowsMin + Math.floor(random() * 60);
  return Array.from({ length: count }, (_, index) => {
    const lane = lanes[Math.floor(random() * lanes.length)] as string;
    const device = `${lane}-device-${Math.floor(random() * 4)}`;
    const sequence = (sequences.get(device) ?? 0) + 1;
    sequences.set(device, sequence);
    const position = (positions.get(lane) ?? -1) + 1 + (random() < 0.1 ? Math.floor(random() * 5) : 0); // gaps are normal
    positions.set(lane, position);
    const arrivesAtMs = startMs + Math.floor((index / count) * lastArrivalMs);
    return { id: `${device}/${sequence}`, lane, position, device, sequence, kind: createKind(random, flavour), arrivesAtMs };
  });
}

function createKind(random: Random, flavour: Flavour): RowKind {
  const roll = random();
  if (roll < 0.03) return 'poison';
  if (roll < 0.06) return 'refused';
  if (roll < 0.1) return 'dropped';
  return flavour === 'ledger' && roll < 0.3 ? 'absorbed' : 'plain';
}

function createFaults(random: Random): Fault[] {
  const kinds: readonly FaultKind[] = ['crash', 'zombie', 'revocation', 'slow', 'failing', 'source-failing'];
  return Array.from({ length: 3 + Math.floor(random() * 4) }, () => ({
    kind: kinds[Math.floor(random() * kinds.length)] as FaultKind,
    atMs: startMs + 20 + Math.floor(random() * lastArrivalMs),
    forMs: 30 + Math.floor(random() * 900),
    pick: random(),
  }));
}
