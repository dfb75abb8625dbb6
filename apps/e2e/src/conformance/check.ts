import { messageOf } from '@penstock/kernel';

/** One thing that a client was asked to do. */
export interface Check {
  readonly client: string;
  readonly what: string;
  readonly outcome: 'passed' | 'failed' | 'not obtainable';
  /** Why not; empty where it passed. */
  readonly why: string;
}

/** What is tried, and fails by throwing. */
export type Step = readonly [what: string, run: () => Promise<void>];

/** Tries each step, whatever became of those before. */
export async function tryAll(client: string, steps: readonly Step[]): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [what, run] of steps) {
    try {
      await run();
      checks.push({ client, what, outcome: 'passed', why: '' });
    } catch (thrown) {
      checks.push({ client, what, outcome: 'failed', why: reasonIn(thrown) });
    }
  }
  return checks;
}

/** Fetches a client, then tries it out. What cannot be fetched is no failure. */
export async function tryOut<Client>(
  client: string,
  fetchClient: () => Promise<Client>,
  run: (fetched: Client) => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  let fetched: Client;
  try {
    fetched = await fetchClient();
  } catch (thrown) {
    return [{ client, what: 'fetch it', outcome: 'not obtainable', why: reasonIn(thrown) }];
  }
  try {
    return await run(fetched);
  } catch (thrown) {
    return [{ client, what: 'run it', outcome: 'failed', why: reasonIn(thrown) }];
  }
}

/** The lines that programs of other teams print: what they tried, and why it failed. */
export interface ProgramCheck {
  readonly what: string;
  readonly why: string;
}

export function checksOf(client: string, printed: readonly ProgramCheck[]): Check[] {
  return printed.map(({ what, why }) => ({ client, what, outcome: why === '' ? 'passed' : 'failed', why }));
}

/** Throws unless both say the same. */
export function expectSame(got: unknown, wanted: unknown): void {
  const [left, right] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (left !== right) throw new Error(`got ${left}, expected ${right}`);
}

function reasonIn(thrown: unknown): string {
  return messageOf(thrown).replaceAll(/\s+/g, ' ').slice(0, 300);
}
