import { parseArgs } from 'node:util';
import type { Bench, BenchReport, Figure } from './figures.ts';
import { benchKafka } from './kafka.ts';
import { benchModels } from './models.ts';
import { benchMqtt } from './mqtt.ts';
import { benchPipeline } from './pipeline.ts';
import { benchPump } from './pump.ts';
import { benchRegistry } from './registry.ts';

const benches: Readonly<Record<string, Bench>> = {
  pump: benchPump,
  kafka: benchKafka,
  mqtt: benchMqtt,
  models: benchModels,
  pipeline: benchPipeline,
  registry: benchRegistry,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '5' } },
});
const bench = benches[positionals[0] ?? ''];
if (bench === undefined) {
  console.error(`npm run bench -- <${Object.keys(benches).join(' | ')}> [--json] [--rounds 5]`);
  process.exit(2);
}
const report = await bench({ rounds: Number(values.rounds), say: (line) => console.error(line) });
console.log(values.json ? JSON.stringify(report) : table(report));

function table({ bench: name, figures, holds }: BenchReport): string {
  return [`bench ${name}`, ...figures.map(line), holds ? 'every aim holds' : 'an aim was missed'].join('\n');
}

function line({ name, unit, median, min, max, against, ratio, aim, holds }: Figure): string {
  const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 2 : 0 });
  const peer = against === undefined ? '' : `, ${number(ratio ?? 0)} of ${against}`;
  const verdict = aim === undefined ? '' : `  [${holds ? 'holds' : 'missed'}: ${aim}]`;
  return `  ${name}: ${number(median)} ${unit} (${number(min)} to ${number(max)})${peer}${verdict}`;
}
