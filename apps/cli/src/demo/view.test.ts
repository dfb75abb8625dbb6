import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import { render, type Snapshot } from './view.ts';

const snapshot: Snapshot = {
  says: 'SIMULATED readings: 3 rooms, 17 days, seed 7 (no sensor was involved)',
  clockMs: Date.UTC(2015, 1, 12, 9, 30),
  seconds: 61.4,
  ledger: { acknowledged: 12_345, stored: 12_300, inFlight: 45, lost: 0, refused: 0 },
  stages: [
    {
      name: 'preprocess',
      service: 'preprocessor',
      state: 'waiting',
      ratePerSecond: 240,
      lag: 3,
      p50Ms: 104,
      p99Ms: 1_512,
      problem: 'kafka.unreachable: 127.0.0.1:29192 does not answer, and has not for a while',
    },
  ],
  model: { version: 2, trainedUntilMs: Date.UTC(2015, 1, 11), moves: 2 },
  accuracy: [{ phase: 'before', rows: 1_200, balanced: 0.978 }],
  news: ['the first model was promoted'],
  hint: 'npx penstock trace one-co2/4711',
  keys: 'k kill a service',
};
const seen = (columns: number): string[] => render(snapshot, columns).map((line) => stripVTControlCharacters(line));

test('shows the ledger, each stage and the model', () => {
  const text = seen(120).join('\n');
  expect(text).toContain('acknowledged 12,345   stored 12,300   in flight 45   refused 0   lost 0');
  expect(text).toMatch(/preprocess +preprocessor +240 +3 +104 ms +1\.5 s {2}kafka\.unreachable/);
  expect(text).toContain('occupancy version 2, trained on what came before 11 Feb 2015');
  expect(text).toContain('before 97.8 %');
});

test('is never wider than the terminal and always as high', () => {
  for (const columns of [40, 80, 120]) for (const line of seen(columns)) expect(line.length).toBeLessThanOrEqual(columns);
  expect(seen(80)).toHaveLength(render({ ...snapshot, news: [] }, 80).length);
});
