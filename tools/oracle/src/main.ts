import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { cacheFolder } from '@penstock/brokers';
import { type Format, formats, judgeSchemas } from './schemas.ts';
import type { Disagreement, Verdicts } from './verdicts.ts';

const usage = `npm run oracle -- schemas [--pairs 1000] [--seed S] [--only ${formats.join(',')}] [--json]`;
const shownMax = 10;

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      pairs: { type: 'string', default: '1000' },
      seed: { type: 'string' },
      only: { type: 'string', default: formats.join(',') },
      json: { type: 'boolean', default: false },
    },
  });
  const [pairs, seed] = [Number(values.pairs), Number(values.seed ?? randomInt(2 ** 31))];
  const only = values.only.split(',').filter((name): name is Format => formats.some((format) => format === name));
  if (positionals[0] !== 'schemas' || !(pairs > 0) || !Number.isSafeInteger(seed) || only.length === 0) {
    console.error(usage);
    return 2;
  }
  console.error(`seed ${seed}`);
  const verdicts = await judgeSchemas({ pairs, seed, only, cacheFolder });
  const holds = verdicts.every(({ unexplained }) => unexplained.length === 0);
  for (const each of verdicts) console.error([line(each), ...each.unexplained.slice(0, shownMax).map(describe)].join('\n'));
  if (values.json) console.log(JSON.stringify({ oracle: 'schemas', seed, verdicts: verdicts.map(brief), holds }));
  return holds ? 0 : 1;
}

function line({ oracle, pairs, agreements, compatible, undecided, unshown, explained, unexplained }: Verdicts): string {
  const notes = [
    `${compatible} compatible by ours`,
    ...(undecided > 0 ? [`${undecided} without a verdict`] : []),
    ...(unshown > 0 ? [`${unshown} refused of which no instance shows why`] : []),
  ];
  const differing = Object.entries(explained).map(([name, count]) => `    ${count} × ${name}`);
  const head = `${oracle}: ${pairs} pairs, ${agreements} agreements, ${unexplained.length} unexplained disagreements`;
  return [`${head} (${notes.join(', ')})`, ...differing].join('\n');
}

function describe({ index, ours, theirs, pair }: Disagreement): string {
  const [before, after] = [JSON.stringify(pair.before), JSON.stringify(pair.after)];
  return `  pair ${index}: ours ${ours || 'compatible'}, theirs ${theirs || 'compatible'}\n    before ${before}\n    after  ${after}`;
}

function brief({ unexplained, ...verdicts }: Verdicts): object {
  return { ...verdicts, unexplained: unexplained.slice(0, shownMax) };
}

process.exitCode = await main();
