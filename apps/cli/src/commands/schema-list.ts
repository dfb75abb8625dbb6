import { styleText } from 'node:util';
import { type Call, defineCommand } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { show, table } from '../command-line/output.ts';
import { listed } from '../schema/count-words.ts';
import { openDoor, registryOption } from '../schema/open-door.ts';
import type { RegistryDoor, StoredVersion, Uses } from '../schema/registry-door.ts';

const options = {
  all: { type: 'boolean', short: 'a', says: 'a line for each version, not for each subject' },
  deleted: { type: 'boolean', says: 'those too that are softly deleted' },
  ...registryOption,
} as const;

/** What is said of a subject beside its versions. */
interface SubjectFacts {
  readonly level: string;
  readonly usedBy: readonly string[];
}

export const schemaList = defineCommand({
  operands: ['[prefix]'],
  options,
  details: [
    'Subjects with their versions, ids, format, compatibility level and who uses them; with a prefix only those that begin so.',
  ],
  async run(call) {
    using door = openDoor(call);
    const prefix = call.operands[0] ?? '';
    const versions = (await door.list(prefix, call.values.deleted)).filter(({ subject }) => subject.startsWith(prefix));
    const bySubject = Map.groupBy(versions, ({ subject }) => subject);
    const facts = await factsOf(door, [...bySubject.keys()]);
    const data = [...bySubject].map(([subject, own]) => ({ subject, ...facts.get(subject), versions: own.map(withoutText) }));
    show(call.output, data, () => linesOf(call, bySubject, facts));
    return exitCode.done;
  },
});

function withoutText({ subject: _subject, text: _text, ...version }: StoredVersion): object {
  return version;
}

const atOnce = 16;

async function factsOf(door: RegistryDoor, subjects: readonly string[]): Promise<Map<string, SubjectFacts>> {
  const facts = new Map<string, SubjectFacts>();
  const ask = async (subject: string): Promise<void> => {
    const [config, uses] = await Promise.all([door.config(subject), door.uses(subject).catch(() => null)]);
    facts.set(subject, { level: config.value.compatibility, usedBy: uses === null ? [] : usersIn(uses) });
  };
  for (let from = 0; from < subjects.length; from += atOnce) await Promise.all(subjects.slice(from, from + atOnce).map(ask));
  return facts;
}

function usersIn({ stages, trainings, references }: Uses): string[] {
  return [
    ...new Set([
      ...stages.map(({ pipeline }) => pipeline),
      ...trainings.map(({ model }) => `${model} (trained)`),
      ...references.map(({ subject }) => subject),
    ]),
  ];
}

function linesOf(
  { values, operands }: Call<typeof options>,
  bySubject: ReadonlyMap<string, readonly StoredVersion[]>,
  facts: ReadonlyMap<string, SubjectFacts>,
): string[] {
  if (bySubject.size === 0) {
    const [prefix = ''] = operands;
    const hint = 'no schema is registered: `penstock schema register <file> --subject <subject>` registers one';
    return [prefix === '' ? hint : `no subject begins with ${prefix}`];
  }
  const head = ['subject', values.all ? 'version' : 'versions', values.all ? 'id' : 'latest id', 'format', 'level', 'used by'];
  const rows = [...bySubject].flatMap(([subject, versions]) => {
    const { level = '', usedBy = [] } = facts.get(subject) ?? {};
    const shown = values.all ? versions : versions.slice(-1);
    return shown.map(({ version, id, format, deleted }, index) => [
      index === 0 ? subject : '',
      values.all ? `${version}${deleted ? styleText('red', ' deleted') : ''}` : spanOf(versions),
      String(id),
      format,
      index === 0 ? level : '',
      index === 0 ? listed(usedBy) : '',
    ]);
  });
  return table(head, rows);
}

/** `1`, `1–4`, `1, 3–4`; softly deleted ones in red. */
function spanOf(versions: readonly StoredVersion[]): string {
  const runs: StoredVersion[][] = [];
  for (const each of versions) {
    const last = runs.at(-1)?.at(-1);
    if (last !== undefined && last.version + 1 === each.version && last.deleted === each.deleted) runs.at(-1)?.push(each);
    else runs.push([each]);
  }
  return runs
    .map((run) => {
      const [first, last] = [run[0]?.version, run.at(-1)?.version];
      const text = first === last ? String(first) : `${first}–${last}`;
      return run[0]?.deleted ? styleText('red', `${text} deleted`) : text;
    })
    .join(', ');
}
