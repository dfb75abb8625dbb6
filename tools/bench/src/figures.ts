/** One measured figure; `against` names the peer or limit of the same run. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
  readonly against?: string;
  /** This figure's median divided by the peer's. */
  readonly ratio?: number;
  /** What was aimed at, in the figure's unit or as a ratio. */
  readonly aim?: string;
  readonly holds?: boolean;
}

export interface BenchReport {
  readonly bench: string;
  readonly figures: readonly Figure[];
  /** True when no stated aim was missed. */
  readonly holds: boolean;
}

export interface BenchOptions {
  readonly rounds: number;
  /** Progress, a line each. */
  readonly say: (line: string) => void;
}

export type Bench = (options: BenchOptions) => Promise<BenchReport>;

/** Median, min and max of repeated measurements. */
export function summarise(name: string, unit: string, measured: readonly number[]): Figure {
  const sorted = [...measured].sort((left, right) => left - right);
  const middle = sorted.length >>> 1;
  const upper = sorted[middle] as number;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
  return { name, unit, median, min: sorted[0] as number, max: sorted.at(-1) as number, rounds: sorted.length };
}

/** Compares with a peer of the same run; `atLeast` is the ratio aimed at. */
export function beside(figure: Figure, peer: Figure, atLeast?: number): Figure {
  const ratio = figure.median / peer.median;
  if (atLeast === undefined) return { ...figure, against: peer.name, ratio };
  return { ...figure, against: peer.name, ratio, aim: `ratio >= ${atLeast}`, holds: ratio >= atLeast };
}

/** Compares a cost with that of a peer of the same run; `atMost` is the ratio aimed at. */
export function besideCost(figure: Figure, peer: Figure, atMost: number): Figure {
  const ratio = figure.median / peer.median;
  return { ...figure, against: peer.name, ratio, aim: `ratio <= ${atMost}`, holds: ratio <= atMost };
}

/** Compares with an absolute aim. */
export function aimed(figure: Figure, atLeast: number): Figure {
  return { ...figure, aim: `>= ${atLeast} ${figure.unit}`, holds: figure.median >= atLeast };
}

export function report(bench: string, figures: readonly Figure[]): BenchReport {
  return { bench, figures, holds: figures.every(({ holds }) => holds !== false) };
}

/** Runs contenders in turn, round by round, so that a noisy stretch of the machine hits all of them. */
export async function compete(
  contenders: Readonly<Record<string, () => Promise<number> | number>>,
  { rounds, say }: BenchOptions,
): Promise<Record<string, number[]>> {
  const measured: Record<string, number[]> = {};
  for (const [name, run] of Object.entries(contenders)) {
    await run(); // warm-up: compiled, caches filled
    measured[name] = [];
  }
  for (let round = 1; round <= rounds; round += 1) {
    for (const [name, run] of Object.entries(contenders)) (measured[name] as number[]).push(await run());
    say(`round ${round} of ${rounds}`);
  }
  return measured;
}
