import { commandReference, commands } from '@penstock/cli';
import type { Generated } from './generated.ts';

/** The reference of the command line. */
export async function generateCommands(): Promise<readonly Generated[]> {
  return [{ place: 'docs/reference/commands.md', content: Buffer.from(await commandReference(commands)) }];
}
