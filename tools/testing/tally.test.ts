import { describe, expect, test } from '@jest/globals';
import { add, exitCodeOf, lastLine, nothing, tallyOf, withSkippedAsFailed } from './tally.ts';

const report = { numPassedTests: 7, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1, numRuntimeErrorTestSuites: 0 };

describe('the count of a run', () => {
  test('sums tests, and pending and todo ones as skipped', () => {
    expect(tallyOf(report, 0)).toEqual({ passed: 7, failed: 0, skipped: 2 });
  });

  test('a suite that could not be loaded has failed', () => {
    expect(tallyOf({ ...report, numRuntimeErrorTestSuites: 2 }, 1)).toMatchObject({ failed: 2 });
  });

  test('a run without a report has failed', () => {
    expect(tallyOf(null, 0)).toMatchObject({ failed: 1 });
  });

  test('an exit code that no failed test explains is a failure', () => {
    expect(tallyOf(report, 1)).toMatchObject({ failed: 1 });
  });

  test('no test at all is no success', () => {
    expect(exitCodeOf(nothing)).toBe(1);
    expect(exitCodeOf({ ...nothing, passed: 1 })).toBe(0);
    expect(exitCodeOf({ passed: 9, failed: 1, skipped: 0 })).toBe(1);
  });

  test('in continuous integration a skipped test has failed', () => {
    expect(withSkippedAsFailed({ passed: 1, failed: 1, skipped: 2 })).toEqual({ passed: 1, failed: 3, skipped: 0 });
  });

  test('the last line names skipped tests only when there are some', () => {
    expect(lastLine(add({ passed: 1, failed: 2, skipped: 0 }, { passed: 3, failed: 0, skipped: 0 }))).toBe('4 passed, 2 failed');
    expect(lastLine({ passed: 1, failed: 0, skipped: 2 })).toBe('1 passed, 0 failed, 2 skipped');
  });
});
