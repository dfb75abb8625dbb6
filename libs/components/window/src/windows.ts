import type { Accumulator } from './aggregates.ts';

/** One open window of one key. */
export interface OpenWindow {
  readonly startMs: number;
  count: number;
  /** The lane's positions that went into it. */
  firstPosition: number;
  lastPosition: number;
  readonly accumulators: Accumulator[];
}

/** The windows of one key: event time moves for each key on its own. */
export interface KeyWindows {
  /** Every window that ends here or before is closed; what belongs there is late. */
  closedUntilMs: number;
  newestMs: number;
  /** In order of time. */
  open: OpenWindow[];
}

export interface WindowLimits {
  readonly tumblingMs: number;
  readonly latenessMs: number;
}

export function createKeyWindows(): KeyWindows {
  return { closedUntilMs: -Number.MAX_VALUE, newestMs: -Number.MAX_VALUE, open: [] };
}

/** The window that a time belongs to, opened when it is the first; null when it is closed already. */
export function windowAt(windows: KeyWindows, timeMs: number, { tumblingMs }: WindowLimits): OpenWindow | null {
  const startMs = Math.floor(timeMs / tumblingMs) * tumblingMs;
  if (startMs + tumblingMs <= windows.closedUntilMs) return null;
  let index = windows.open.length;
  while (index > 0 && (windows.open[index - 1] as OpenWindow).startMs > startMs) index -= 1;
  const found = windows.open[index - 1];
  if (found?.startMs === startMs) return found;
  const opened = { startMs, count: 0, firstPosition: -1, lastPosition: -1, accumulators: [] };
  windows.open.splice(index, 0, opened);
  return opened;
}

/** Takes out the windows that the newest event time has left behind by more than the lateness. */
export function closeBehind(windows: KeyWindows, { tumblingMs, latenessMs }: WindowLimits): OpenWindow[] {
  return closeUntil(windows, windows.newestMs - latenessMs, tumblingMs);
}

/** Takes out all open windows of an idle key; its watermark moves to the end of the last of them and no further. */
export function closeIdle(windows: KeyWindows, { tumblingMs }: WindowLimits): OpenWindow[] {
  const last = windows.open.at(-1);
  return last === undefined ? [] : closeUntil(windows, last.startMs + tumblingMs, tumblingMs);
}

function closeUntil(windows: KeyWindows, watermarkMs: number, tumblingMs: number): OpenWindow[] {
  const closed: OpenWindow[] = [];
  while (windows.open[0] !== undefined && windows.open[0].startMs + tumblingMs <= watermarkMs) {
    const window = windows.open.shift() as OpenWindow;
    windows.closedUntilMs = window.startMs + tumblingMs;
    closed.push(window);
  }
  const boundaryMs = Math.floor(watermarkMs / tumblingMs) * tumblingMs;
  windows.closedUntilMs = Math.max(windows.closedUntilMs, boundaryMs);
  return closed;
}
