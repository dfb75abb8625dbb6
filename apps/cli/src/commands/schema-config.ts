import { type Call, defineCommand } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { show, table } from '../command-line/output.ts';
import { wrongUsage } from '../command-line/problems.ts';
import { configChangeOf, configNames, configOptions } from '../schema/config-settings.ts';
import { openDoor, registryOption } from '../schema/open-door.ts';
import type { Config, RegistryDoor, Setting } from '../schema/registry-door.ts';

const options = {
  ...configOptions,
  unset: { type: 'boolean', says: "take the subject's own settings away: those of all count again" },
  'dry-run': { type: 'boolean', says: 'say what would change, and change nothing' },
  ...registryOption,
} as const;

export const schemaConfig = defineCommand({
  operands: ['[subject]'],
  options,
  details: [
    'The settings that a subject goes by, and where they come from. Without a subject: those of all that have none of their own. An empty',
    'text takes a setting away.',
  ],
  async run(call) {
    const [subject = ''] = call.operands;
    const { unset, 'dry-run': dryRun } = call.values;
    const change = configChangeOf(call.values);
    const isChange = Object.keys(change).length > 0;
    if (isChange && unset) throw wrongUsage('--unset takes all away: it does not go with other settings');
    using door = openDoor(call);
    const before = await door.config(subject);
    if (!dryRun && isChange) await door.setConfig(subject, change);
    if (!dryRun && unset) await door.unsetConfig(subject);
    return await showConfig(call, door, { subject, before, change });
  },
});

interface Change {
  readonly subject: string;
  readonly before: Setting<Config>;
  readonly change: Partial<Config>;
}

async function showConfig({ output, values }: Call<typeof options>, door: RegistryDoor, of: Change): Promise<number> {
  const { subject, before, change } = of;
  const { 'dry-run': dryRun, unset } = values;
  const now = await door.config(subject);
  const all = subject === '' ? now : await door.config('');
  const changed = Object.keys(change).length > 0;
  const planned: Setting<Config> = {
    value: unset ? all.value : { ...before.value, ...change },
    own: changed || (before.own && !unset),
  };
  const after = dryRun ? planned : now;
  show(output, { subject, ...after.value, own: after.own, all: all.value, dryRun }, () => [
    ...configLines(of, after, all.value),
    ...(dryRun ? ['nothing was changed'] : []),
  ]);
  return exitCode.done;
}

function configLines({ subject, before }: Change, after: Setting<Config>, all: Config): string[] {
  const names = configNames.filter((name) => [after.value, before.value, all].some((value) => value[name] !== null));
  const rows = names.map((name) => {
    const [old, now] = [textOf(before.value[name]), textOf(after.value[name])];
    return [`  ${name}`, old === now ? now : `${old} → ${now}`, ...(subject === '' ? [] : [textOf(all[name])])];
  });
  const origin = after.own ? 'has settings of its own' : 'inherits the settings of all subjects';
  const head = subject === '' ? ['  setting', 'all subjects'] : ['  setting', subject, 'all subjects'];
  return [...(subject === '' ? [] : [`${subject} ${origin}`]), ...table(head, rows)];
}

function textOf(value: Config[keyof Config]): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value !== 'object' || value === null) return value ?? '–';
  const text = JSON.stringify(value);
  return text.length > shownMax ? `${text.slice(0, shownMax - 1)}…` : text;
}

/** Whole in JSON. */
const shownMax = 60;
