import { expect, test } from '@jest/globals';
import { connectionLost, silent, takenOver, takeoverLoop } from './problems.ts';
import { TakeoverWatch } from './takeover-watch.ts';

test('the third takeover within two minutes is called a loop, with the client id and what to do', () => {
  const watch = new TakeoverWatch('ingest-0');
  const problem = takenOver('taken');
  expect(watch.judge(problem, { livedMs: 60_000, nowMs: 0 })).toBe(problem);
  expect(watch.judge(problem, { livedMs: 5, nowMs: 1_000 })).toBe(problem);
  const loop = watch.judge(problem, { livedMs: 5, nowMs: 2_000 });
  expect(takeoverLoop.caused(loop)).toBe(true);
  expect(loop.message).toContain('another client uses the client id ingest-0; give each replica its own');
});

test('a broker that gives no reason and closes what it has just accepted is suspected', () => {
  const watch = new TakeoverWatch('ingest-0');
  const closed = connectionLost('closed');
  for (const nowMs of [0, 100]) expect(watch.judge(closed, { livedMs: 50, nowMs })).toBe(closed);
  expect(watch.judge(closed, { livedMs: 50, nowMs: 200 }).message).toContain('may be using');
});

test('takeovers far apart, long-lived connections and broken networks are no loop', () => {
  const watch = new TakeoverWatch('ingest-0');
  const far = takenOver('taken');
  for (let minute = 0; minute < 10; minute += 2.1) expect(watch.judge(far, { livedMs: 1, nowMs: minute * 60_000 })).toBe(far);
  const lived = connectionLost('closed');
  const broken = connectionLost('reset', { cause: new Error('ECONNRESET') });
  const quiet = silent('quiet');
  for (const problem of [lived, lived, lived, lived]) expect(watch.judge(problem, { livedMs: 11_000, nowMs: 10 })).toBe(problem);
  for (const problem of [broken, quiet, broken, quiet]) expect(watch.judge(problem, { livedMs: 5, nowMs: 20 })).toBe(problem);
});
