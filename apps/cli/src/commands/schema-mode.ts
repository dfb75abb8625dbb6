import { type Call, defineCommand } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { show } from '../command-line/output.ts';
import { openDoor, registryOption } from '../schema/open-door.ts';
import { parseWord } from '../schema/parse-word.ts';
import type { RegistryDoor } from '../schema/registry-door.ts';
import { originOf } from '../schema/setting-origin.ts';

const modes = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'READWRITE_OVERRIDE', 'FORWARD', 'IMPORT'] as const;

const options = {
  set: { type: 'string', value: 'mode', says: modes.join(', ') },
  unset: { type: 'boolean', says: "take the subject's own mode away: that of all counts again" },
  force: { type: 'boolean', says: 'IMPORT although there are versions already' },
  'dry-run': { type: 'boolean', says: 'say what would change, and change nothing' },
  ...registryOption,
} as const;

export const schemaMode = defineCommand({
  operands: ['[subject]'],
  options,
  details: ['Whether versions may be registered. Without a subject: the mode of all that have none of their own.'],
  async run(call) {
    const [subject = ''] = call.operands;
    const { set, unset, force, 'dry-run': dryRun } = call.values;
    const wanted = set === undefined ? null : parseWord(set, modes, '--set');
    using door = openDoor(call);
    const before = await door.mode(subject);
    if (!dryRun && wanted !== null) await door.setMode(subject, wanted, force);
    if (!dryRun && wanted === null && unset) await door.unsetMode(subject);
    return await showMode(call, door, { subject, before: before.value, wanted });
  },
});

interface Change {
  readonly subject: string;
  readonly before: string;
  readonly wanted: string | null;
}

async function showMode(
  { output, values }: Call<typeof options>,
  door: RegistryDoor,
  { subject, before, wanted }: Change,
): Promise<number> {
  const now = await door.mode(subject);
  const all = subject === '' ? now : await door.mode('');
  const after = wanted ?? (values.unset ? all.value : now.value);
  const changes = before === after ? '' : `${before} → `;
  const note = values['dry-run'] && changes !== '' ? '; nothing was changed' : '';
  const own = now.own || wanted !== null;
  show(output, { subject, mode: after, own, all: all.value, dryRun: values['dry-run'] }, () => [
    `${subject || 'all subjects'}: ${changes}${after}${originOf({ subject, own: own && !values.unset, all: all.value })}${note}`,
  ]);
  return exitCode.done;
}
