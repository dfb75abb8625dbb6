import { text } from 'node:stream/consumers';
import { hashPassword } from '@penstock/service';
import { defineCommand } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { show } from '../command-line/output.ts';
import { wrongUsage } from '../command-line/problems.ts';

export const hashPasswordCommand = defineCommand({
  operands: [],
  options: {},
  details: ['Reads the password from its input, so that it stands in no history: `penstock hash-password < password`.'],
  async run({ output }) {
    if (output.interactive) output.tell('the password, then Ctrl-D:');
    const password = (await text(process.stdin)).replace(/\r?\n$/, '');
    if (password === '') throw wrongUsage('expected a password on standard input, got nothing');
    const hash = await hashPassword(password);
    show(output, { hash }, () => [hash]);
    return exitCode.done;
  },
});
