import { agreed } from '../command-line/agreed.ts';
import { type Call, defineCommand } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { show } from '../command-line/output.ts';
import { counted } from '../schema/count-words.ts';
import { openDoor, registryOption } from '../schema/open-door.ts';
import { parseVersion } from '../schema/parse-version.ts';
import type { RegistryDoor } from '../schema/registry-door.ts';
import { useLines } from './schema-uses.ts';

const options = {
  permanent: { type: 'boolean', says: 'for good, after it was deleted softly' },
  'dry-run': { type: 'boolean', says: 'say what would go and who uses it, and change nothing' },
  yes: { type: 'boolean', short: 'y', says: 'do not ask before deleting for good' },
  ...registryOption,
} as const;

export const schemaDelete = defineCommand({
  operands: ['<subject>', '[version]'],
  options,
  details: [
    'Softly: nobody may use it anew, and what was written with it can still be read. A version, or all of a subject.',
    'What a deployed pipeline was applied with, or another schema refers to, is not deleted for good.',
  ],
  async run(call) {
    const [subject = '', word] = call.operands;
    const { permanent, 'dry-run': dryRun } = call.values;
    using door = openDoor(call);
    const versions = await goingVersions(call, door, { subject, word });
    const what = `${subject} ${versions.length === 1 ? 'version' : 'versions'} ${versions.join(', ')}`;
    if (dryRun) return await showUses(call, door, { subject, what, versions });
    if (permanent && !(await sure(call, what))) return exitCode.failed;
    if (word === undefined) await door.deleteSubject(subject, permanent);
    else for (const version of versions) await door.deleteVersion(subject, version, permanent);
    show(call.output, { subject, versions, permanent, dryRun }, () => [`${what}: deleted ${permanent ? 'for good' : 'softly'}`]);
    return exitCode.done;
  },
});

/** Softly: what lives; for good: what is softly deleted already. */
async function goingVersions(
  { values }: Call<typeof options>,
  door: RegistryDoor,
  { subject, word }: { subject: string; word: string | undefined },
): Promise<number[]> {
  const wanted = word === undefined ? null : parseVersion(word);
  if (wanted === 'latest') return [(await door.version(subject, 'latest')).version];
  if (wanted !== null) return [wanted];
  const all = await door.versions(subject, values.permanent);
  return all.filter(({ deleted }) => deleted === values.permanent).map(({ version }) => version);
}

interface Going {
  readonly subject: string;
  readonly what: string;
  readonly versions: readonly number[];
}

async function showUses(
  { output, values }: Call<typeof options>,
  door: RegistryDoor,
  { subject, what, versions }: Going,
): Promise<number> {
  const uses = await door.uses(subject);
  show(output, { subject, versions, permanent: values.permanent, dryRun: true, uses }, () => [
    `${what}: would be deleted ${values.permanent ? 'for good' : 'softly'} (${counted(versions.length, 'version')}); nothing was changed`,
    ...useLines(subject, uses, output.columns),
  ]);
  return exitCode.done;
}

async function sure({ values, signal }: Call<typeof options>, what: string): Promise<boolean> {
  return values.yes || (await agreed(`delete ${what} for good? [y/N] `, signal));
}
