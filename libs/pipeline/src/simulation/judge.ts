import type { Output, StateChange } from '../delivery.ts';
import type { Row, Scenario } from './scenario.ts';

const text = new TextDecoder();

/** What one lane's store holds; applied atomically. */
export interface Stored {
  epoch: number;
  position: number;
  readonly outputs: Output[];
  readonly dead: Output[];
  readonly state: Map<string, StateChange>;
}

/** Knows every row and what must become of it, and looks at the stores alone: no counter of the pump is asked. */
export class Judge {
  readonly violations: string[] = [];
  readonly #scenario: Scenario;
  readonly #rowsOf = new Map<string, Row[]>();
  readonly #names = new Map<string, { stored: Set<string>; buried: Set<string>; outputs: number; letters: number }>();

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    for (const row of scenario.rows) this.#rowsOf.set(row.lane, [...(this.#rowsOf.get(row.lane) ?? []), row]);
  }

  rows(lane: string): readonly Row[] {
    return this.#rowsOf.get(lane) ?? [];
  }

  claim(broken: string): void {
    this.violations.push(broken);
  }

  /** Invariant 1: whatever lies below a position that moves is accounted for. */
  moved(lane: string, store: Stored, { before, to }: { before: number; to: number }): void {
    const { stored, buried } = this.#seen(lane, store);
    for (const row of this.rows(lane)) {
      if (row.position < before || row.position >= to) continue;
      const settled =
        row.kind === 'plain' ? stored.has(row.id) : row.kind === 'poison' || row.kind === 'refused' ? buried.has(row.id) : true;
      if (!settled) this.claim(`${lane}: position moved to ${to} over ${row.kind} row ${row.id}, which is nowhere`);
    }
  }

  /** The names in a store, kept up to date by what was appended since the last look. */
  #seen(lane: string, store: Stored): { stored: ReadonlySet<string>; buried: ReadonlySet<string> } {
    const names = this.#names.get(lane) ?? { stored: new Set(), buried: new Set(), outputs: 0, letters: 0 };
    for (; names.outputs < store.outputs.length; names.outputs += 1)
      names.stored.add((store.outputs[names.outputs] as Output).id);
    for (; names.letters < store.dead.length; names.letters += 1) names.buried.add(nameOf(store.dead[names.letters] as Output));
    this.#names.set(lane, names);
    return names;
  }

  /** At the end of a run: nothing lost, nothing twice, order kept, aggregates exact. */
  ended(stores: ReadonlyMap<string, Stored>): void {
    for (const [lane, store] of stores) {
      const exact = this.#scenario.flavour === 'ledger';
      const written = store.outputs.filter((output) => output.cause >= 0);
      this.#complete(lane, { written, dead: store.dead }, exact);
      this.#ordered(lane, written);
      if (exact) this.#aggregates(lane, store);
    }
  }

  #complete(lane: string, { written, dead }: { written: readonly Output[]; dead: readonly Output[] }, exact: boolean): void {
    const times = count(written.map(({ id }) => id));
    const letters = count(dead.map(nameOf));
    for (const row of this.rows(lane)) {
      const expected = row.kind === 'plain' ? 1 : 0;
      const found = times.get(row.id) ?? 0;
      if (found < expected) this.claim(`${lane}: ${row.id} is lost`);
      if (found > expected && (exact || expected === 0)) this.claim(`${lane}: ${row.id} is stored ${found} times`);
      if ((row.kind === 'poison' || row.kind === 'refused') && !letters.has(row.id))
        this.claim(`${lane}: no dead letter for ${row.id}`);
    }
  }

  /** Order per device after removing redelivered duplicates; the running count tells whether the state was restored right. */
  #ordered(lane: string, written: readonly Output[]): void {
    const last = new Map<string, number>();
    const seen = new Set<string>();
    for (const output of written) {
      if (seen.has(output.id)) continue;
      seen.add(output.id);
      const [device, sequence, running] = text.decode(output.payload as Uint8Array).split(' ') as [string, string, string];
      if (Number(sequence) <= (last.get(device) ?? 0))
        this.claim(`${lane}: ${output.id} came after ${device}/${last.get(device)}`);
      last.set(device, Number(sequence));
      if (running !== '-' && Number(running) !== this.#plainUpTo(lane, device, Number(sequence))) {
        this.claim(`${lane}: ${output.id} counted ${running} rows of its device`);
      }
    }
  }

  #plainUpTo(lane: string, device: string, sequence: number): number {
    return this.rows(lane).filter((row) => row.device === device && row.sequence <= sequence && counted(row)).length;
  }

  #aggregates(lane: string, store: Stored): void {
    let absorbed = 0;
    for (const output of store.outputs) if (output.cause < 0) absorbed += Number(text.decode(output.payload as Uint8Array));
    const open = store.state.get('open')?.value;
    if (open !== null && open !== undefined) absorbed += Number(text.decode(open));
    const expected = this.rows(lane).filter((row) => row.kind === 'absorbed').length;
    if (absorbed !== expected) this.claim(`${lane}: aggregates hold ${absorbed} of ${expected} absorbed rows`);
  }
}

/** Rows that the counting stage counts. */
export function counted(row: Pick<Row, 'kind'>): boolean {
  return row.kind === 'plain' || row.kind === 'refused';
}

/** The row that a dead letter is about: its payload is the row's own bytes. */
function nameOf(letter: Output): string {
  const [device, sequence] = text.decode(letter.payload as Uint8Array).split(' ');
  return `${device}/${sequence}`;
}

function count(names: readonly string[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const name of names) times.set(name, (times.get(name) ?? 0) + 1);
  return times;
}
