import { Problem } from '@penstock/kernel';
import { checkReads, parseSchema } from '@penstock/schema';
import { Ajv, type Options } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { createDice, type Dice, seedOf } from '../dice.ts';
import type { Pair } from '../pair.ts';
import { type Disagreement, tally, type Verdicts } from '../verdicts.ts';
import { filled } from './filled.ts';
import { generateJsonPair } from './generate.ts';
import { InstanceMaker } from './instances.ts';

type Json = Readonly<Record<string, unknown>>;
type Verdict = 'compatible' | 'incompatible' | 'undecided';

const instances = 120;

/** No instance that ajv finds valid under the writer may be invalid under a reader that ours calls compatible. */
export function judgeJson(count: number, seed: number): Verdicts {
  const found: Disagreement[] = [];
  const numbers = { compatible: 0, incompatible: 0, undecided: 0 };
  let unshown = 0;
  for (let index = 0; index < count; index += 1) {
    const dice = createDice(seedOf(seed, index));
    const pair = generateJsonPair(dice);
    const { verdict, said } = judge(pair);
    numbers[verdict] += 1;
    if (verdict === 'undecided') continue;
    const lost = findLost(pair, dice);
    if (verdict === 'incompatible' && lost === undefined) unshown += 1;
    if (verdict === 'compatible' && lost !== undefined) {
      const theirs = `${JSON.stringify(lost)} is not valid any more`;
      found.push({ index, explanation: null, ours: said, theirs, pair });
    }
  }
  const { compatible, undecided } = numbers;
  return tally({ oracle: 'ajv', pairs: count, compatible, undecided, unshown }, found);
}

function judge({ before, after }: Pair<Json>): { verdict: Verdict; said: string } {
  const parse = (json: Json) => parseSchema({ format: 'JSON', text: JSON.stringify(json) });
  try {
    const found = checkReads(parse(after), parse(before));
    if (found.length === 0) return { verdict: 'compatible', said: 'compatible' };
    return { verdict: 'incompatible', said: found.map(({ type, path }) => `${type} ${path}`).join(', ') };
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code !== 'schema.not-supported') throw thrown;
    return { verdict: 'undecided', said: thrown.message };
  }
}

/** An instance that was valid before and is not after; undefined: none of many was. */
function findLost({ before, after }: Pair<Json>, dice: Dice): unknown {
  const [wasValid, isValid] = [validatorOf(before), validatorOf(after)];
  const makers = [new InstanceMaker(dice, before), new InstanceMaker(dice, before), new InstanceMaker(dice, after)];
  for (let count = 0; count < instances; count += 1) {
    const instance = makers[count % makers.length]?.make();
    const isLost = wasValid(instance) === true && isValid(instance) === false;
    if (isLost && isValid(filled(instance, after, after)) === false) return instance;
  }
  return undefined;
}

const options: Options = { strict: false, logger: false, validateSchema: false };
const dialects: readonly (readonly [string, () => Ajv])[] = [
  ['2019-09', () => new Ajv2019(options)],
  ['2020-12', () => new Ajv2020(options)],
  ['', () => new Ajv(options)],
];
const opened = new Map<string, Ajv>();

/** Null where ajv gives no answer. */
function validatorOf(json: Json): (value: unknown) => boolean | null {
  const [name, open] = dialects.find(([part]) => String(json['$schema']).includes(part)) ?? ['', () => new Ajv(options)];
  const ajv = opened.get(name) ?? addFormats.default(open());
  opened.set(name, ajv);
  const { $schema: _, ...schema } = json;
  const validate = ajv.compile(schema);
  ajv.removeSchema(schema);
  const misjudged = hasContainsBesidePositions(schema);
  return (value) => {
    if (misjudged && /\[\]/.test(JSON.stringify(value))) return null; // ajv 8.20 lets an empty list pass there
    try {
      return validate(value) === true;
    } catch {
      return null; // ajv 8.20 trips over unevaluatedProperties beside dependencies
    }
  };
}

function hasContainsBesidePositions(json: unknown): boolean {
  if (typeof json !== 'object' || json === null) return false;
  const { contains, prefixItems = [], items = [] } = json as Readonly<Record<string, unknown>>;
  const positions = [prefixItems, items].some((list) => Array.isArray(list) && list.length > 0);
  return (contains !== undefined && positions) || Object.values(json).some(hasContainsBesidePositions);
}
