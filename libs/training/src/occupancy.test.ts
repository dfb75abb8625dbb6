import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type TrainingSet, toMatrix } from './dataset.ts';
import { crossScore, splitDays } from './days.ts';
import { calibrateDrift, type DayVerdict, judgeDay } from './drift.ts';
import { type Forest, predictTrees } from './forest.ts';
import { evaluate } from './metrics.ts';
import { toOnnx } from './onnx.ts';
import { parseTreeParams } from './params.ts';
import { measureParity } from './parity.ts';
import { trainTrees } from './train.ts';

/** The recordings of UCI 357 in a folder that PENSTOCK_DATA names; without them there is nothing to judge by. */
const folder = join(process.env['PENSTOCK_DATA'] ?? '', 'occupancy');
const onRealData = existsSync(folder) ? describe : describe.skip;
const inputs = ['co2Mean', 'temperatureMean', 'humidityMean', 'lightMean'];
const run = { params: parseTreeParams(), seed: 1 };

type Rows = TrainingSet & { readonly timesMs: Float64Array };

/** Means of each minute, a column for each input, and the last label of the minute. */
function readMinutes(): Rows {
  const lines = readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split(/\r?\n/).slice(1));
  const readings = lines
    .filter((line) => line !== '')
    .map((line) => {
      const [, date, ...values] = line.replaceAll('"', '').split(',') as [string, string, ...string[]];
      const [temperature, humidity, light, co2, , label] = values.map(Number) as [number, number, number, number, number, number];
      return { timeMs: Date.parse(`${date.replace(' ', 'T')}Z`), features: [co2, temperature, humidity, light], label };
    });
  readings.sort((left, right) => left.timeMs - right.timeMs);
  const minutes = [...Map.groupBy(readings, ({ timeMs }) => Math.floor(timeMs / 60_000))];
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    columns: inputs.map((_, input) =>
      Float64Array.from(minutes, ([, part]) => mean(part.map(({ features }) => features[input] as number))),
    ),
    labels: Float64Array.from(minutes, ([, part]) => part.at(-1)?.label as number),
    timesMs: Float64Array.from(minutes, ([minute]) => minute * 60_000),
  };
}

function between({ columns, labels, timesMs }: Rows, from: string, to: string): Rows {
  const wanted = (_: number, row: number): boolean =>
    (timesMs[row] as number) >= Date.parse(from) && (timesMs[row] as number) < Date.parse(to);
  return {
    columns: columns.map((column) => (column as Float64Array).filter(wanted)),
    labels: labels.filter(wanted),
    timesMs: timesMs.filter(wanted),
  };
}

onRealData('an office room in February 2015', () => {
  let training: Rows;
  let later: Rows;
  let forest: Forest;

  beforeAll(async () => {
    const all = readMinutes();
    training = between(all, '2015-02-02', '2015-02-11');
    later = between(all, '2015-02-11', '2015-02-19');
    forest = await trainTrees(training, run);
  });

  test('a model of 2–10 February knows on 11–13 February when somebody is there', () => {
    const { columns, labels } = between(later, '2015-02-11', '2015-02-14');
    const { balancedAccuracy, auc } = evaluate(labels, predictTrees(forest, toMatrix(columns)).scores);
    expect(balancedAccuracy).toBeGreaterThan(0.95);
    expect(auc).toBeGreaterThan(0.98);
  });

  test('its export answers the same', async () => {
    const parity = await measureParity(forest, toOnnx(forest, inputs), later.columns);
    expect(parity.differenceMax).toBeLessThan(2e-6);
    expect(parity.labelsDiffering).toBe(0);
  });

  test('neither weather nor weekends are drift; a covered or offset light sensor is, from its first whole day on', async () => {
    const reference = calibrateDrift(splitDays({ ...training, scores: await crossScore(training, run) }), inputs);
    const alarmsOf = (shift: (lux: number) => number): string[] => {
      const [co2, temperature, humidity, light] = later.columns as Float64Array[] as [
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      const isShifted = (row: number): boolean => (later.timesMs[row] as number) >= Date.parse('2015-02-16');
      const columns = [co2, temperature, humidity, light.map((lux, row) => (isShifted(row) ? shift(lux) : lux))];
      const { scores } = predictTrees(forest, toMatrix(columns));
      const verdicts: DayVerdict[] = splitDays({ ...later, columns, scores }).map((day) => judgeDay(reference, day));
      return verdicts.filter(({ alarm }) => alarm).map(({ day }) => day);
    };
    expect(alarmsOf((lux) => lux)).toEqual([]);
    expect(alarmsOf((lux) => lux / 6)).toEqual(['2015-02-16', '2015-02-17']);
    expect(alarmsOf((lux) => lux + 500)).toEqual(['2015-02-16', '2015-02-17']);
  });
});
