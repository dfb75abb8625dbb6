import { createInterface } from 'node:readline/promises';
import { wrongUsage } from './problems.ts';

/** Asks at the terminal; no answer is no. Throws `cli.wrong-usage` when nobody is there. */
export async function agreed(question: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY) throw wrongUsage('nobody is there to ask: --yes goes on without asking, --dry-run only shows');
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await dialogue.question(question, { signal })).trim());
  } catch (thrown) {
    if (signal.aborted) return false;
    throw thrown;
  } finally {
    dialogue.close();
  }
}
