import { checkReads, parseSchema } from '@penstock/schema';
import { createDice, seedOf } from '../dice.ts';
import { type Disagreement, type Explanation, tally, type Verdicts } from '../verdicts.ts';
import { askAvro } from './checker.ts';
import { generateAvroPair } from './generate.ts';

export const avroExplanations: readonly Explanation[] = [];

/** Our verdicts on generated pairs of Avro schemas against those of Apache Avro's own checker. */
export async function judgeAvro(count: number, seed: number, cacheFolder: string): Promise<Verdicts> {
  const pairs = Array.from({ length: count }, (_, index) => generateAvroPair(createDice(seedOf(seed, index))));
  const theirs = await askAvro(pairs, cacheFolder);
  const ours = pairs.map(({ before, after }) => verdictOf(after, before));
  const disagreements = pairs.flatMap((pair, index): Disagreement[] => {
    const [own = '', other = ''] = [ours[index], theirs[index]];
    const agrees = own.split(' ')[0] === other.split(' ')[0];
    return agrees ? [] : [{ index, explanation: null, ours: own, theirs: other, pair }];
  });
  const compatible = ours.filter((verdict) => verdict === 'COMPATIBLE').length;
  return tally({ oracle: 'Apache Avro', pairs: count, compatible }, disagreements);
}

function verdictOf(reader: unknown, writer: unknown): string {
  const parse = (json: unknown) => parseSchema({ format: 'AVRO', text: JSON.stringify(json) });
  try {
    const found = checkReads(parse(reader), parse(writer));
    if (found.length === 0) return 'COMPATIBLE';
    return `INCOMPATIBLE ${found.map(({ type, path }) => `${type} ${path}`).join(', ')}`;
  } catch (thrown) {
    return `INVALID ${String(thrown)}`;
  }
}
