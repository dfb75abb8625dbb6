import { describe, expect, test } from '@jest/globals';
import { closeBehind, closeIdle, createKeyWindows, windowAt } from './windows.ts';

const limits = { tumblingMs: 60_000, latenessMs: 30_000 };
const starts = (windows: readonly { startMs: number }[]): number[] => windows.map(({ startMs }) => startMs);

describe('tumbling windows of one key', () => {
  test('a time belongs to the window that begins at or before it', () => {
    const windows = createKeyWindows();
    expect(windowAt(windows, 59_999, limits)?.startMs).toBe(0);
    expect(windowAt(windows, 60_000, limits)?.startMs).toBe(60_000);
    expect(windowAt(windows, -1, limits)?.startMs).toBe(-60_000);
    expect(starts(windows.open)).toEqual([-60_000, 0, 60_000]);
  });

  test('closes when the newest time is past the end by the lateness, not a millisecond earlier', () => {
    const windows = createKeyWindows();
    windowAt(windows, 10, limits);
    windows.newestMs = 89_999;
    expect(starts(closeBehind(windows, limits))).toEqual([]);
    windows.newestMs = 90_000;
    expect(starts(closeBehind(windows, limits))).toEqual([0]);
    expect(windowAt(windows, 59_999, limits)).toBeNull();
    expect(windowAt(windows, 60_000, limits)).not.toBeNull();
  });

  test('an idle key closes what is open and its watermark goes no further', () => {
    const windows = createKeyWindows();
    windowAt(windows, 10, limits);
    windows.newestMs = 10;
    expect(starts(closeIdle(windows, limits))).toEqual([0]);
    expect(windows.closedUntilMs).toBe(60_000);
    expect(windowAt(windows, 60_000, limits)).not.toBeNull();
  });

  test('a window without readings is late all the same once time has left it behind', () => {
    const windows = createKeyWindows();
    windows.newestMs = 400_000;
    closeBehind(windows, limits);
    expect(windowAt(windows, 100_000, limits)).toBeNull();
    expect(windowAt(windows, 360_000, limits)).not.toBeNull();
  });
});
