/** A terminal taken over for a while: lines are drawn in place, keys are heard one by one. */
export interface Screen extends Disposable {
  readonly columns: number;
  draw(lines: readonly string[]): void;
}

const escape = String.fromCharCode(27);
const home = `${escape}[H`;
const clearLine = `${escape}[K`;
const clearBelow = `${escape}[J`;
const otherBuffer = `${escape}[?1049h${escape}[?25l`;
const ownBuffer = `${escape}[?1049l${escape}[?25h`;
const ctrlC = String.fromCharCode(3);

export interface ScreenOptions {
  key(name: string): void;
  interrupt(): void;
}

export function openScreen({ key, interrupt }: ScreenOptions): Screen {
  const { stdin, stdout } = process;
  const heard = (chunk: Buffer): void => {
    for (const name of chunk.toString('utf8')) {
      if (name === ctrlC) interrupt();
      else key(name);
    }
  };
  stdout.write(otherBuffer);
  stdin.setRawMode?.(true);
  stdin.resume();
  stdin.on('data', heard);
  let open = true;
  const restore = (): void => {
    if (!open) return;
    open = false;
    stdin.off('data', heard);
    stdin.setRawMode?.(false);
    stdin.pause();
    stdout.write(ownBuffer);
    process.off('exit', restore);
  };
  process.on('exit', restore);
  return {
    get columns() {
      return stdout.columns || 100;
    },
    draw: (lines) => {
      const rows = lines.slice(0, Math.max(1, (stdout.rows || 40) - 1));
      stdout.write(`${home}${rows.map((line) => `${line}${clearLine}`).join('\r\n')}${clearBelow}`);
    },
    [Symbol.dispose]: restore,
  };
}
