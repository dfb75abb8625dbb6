import { styleText } from 'node:util';
import { Problem } from '@penstock/kernel';
import {
  type CompatibilityLevel,
  checkCompatibility,
  checkReads,
  diffLines,
  diffSchemas,
  type Incompatibility,
  notSupported,
  type Schema,
  type SchemaDifference,
  type SchemaDraft,
} from '@penstock/schema';
import { type Call, defineCommand } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { show } from '../command-line/output.ts';
import { wrapped } from '../command-line/wrapped.ts';
import { differenceLines, textLines } from '../schema/difference-lines.ts';
import { draftOptions, readDraft } from '../schema/draft-file.ts';
import { openDoor, registryOption } from '../schema/open-door.ts';
import { parseDraft } from '../schema/parse-stored.ts';
import { isVersion, parseVersion } from '../schema/parse-version.ts';
import { comparableText } from '../schema/readable-text.ts';
import type { RegistryDoor } from '../schema/registry-door.ts';

const options = {
  text: { type: 'boolean', short: 't', says: 'the lines of both texts instead of fields' },
  ...draftOptions,
  ...registryOption,
} as const;

export const schemaDiff = defineCommand({
  operands: ['<subject>', '<version>', '[version|file]'],
  options,
  details: [
    'What became of each field between two versions, or between a version and a file, and whether each reads what the other wrote:',
    '  penstock schema diff rooms.raw-value 1 3',
    '  penstock schema diff rooms.raw-value latest reading.proto',
  ],
  async run(call) {
    const [subject = '', from = '', to = 'latest'] = call.operands;
    using door = openDoor(call);
    const before = await sideOf(call, door, { subject, what: from, file: false });
    const after = await sideOf(call, door, { subject, what: to, file: true });
    if (call.values.text) return showText(call, before, after);
    const { compatibility } = (await door.config(subject)).value;
    const comparison = compare(before, after, { subject, level: compatibility });
    show(call.output, comparison, () => comparisonLines(comparison, call.output.columns));
    return exitCode.done;
  },
});

interface Side {
  readonly name: string;
  readonly draft: SchemaDraft;
  readonly schema: Schema;
}

interface Wanted {
  readonly subject: string;
  readonly what: string;
  /** It may be a file. */
  readonly file: boolean;
}

async function sideOf(call: Call<typeof options>, door: RegistryDoor, { subject, what, file }: Wanted): Promise<Side> {
  if (file && !isVersion(what)) {
    const draft = readDraft(what, call.values);
    return { name: what, draft, schema: await parseDraft(door, draft) };
  }
  const found = await door.version(subject, parseVersion(what));
  return { name: `version ${found.version}`, draft: found, schema: await parseDraft(door, found) };
}

function showText({ output }: Call<typeof options>, before: Side, after: Side): number {
  const text = ({ draft }: Side): string => comparableText(draft.format, draft.text);
  const lines = diffLines(text(before), text(after));
  const isSame = lines.every(({ kind }) => kind === 'same');
  show(output, lines, () => (isSame ? [`${before.name} and ${after.name} are the same`] : textLines(lines)));
  return exitCode.done;
}

/** One direction: why the reader cannot read what the writer wrote; null: no verdict can be given. */
type Verdict = readonly Incompatibility[] | null;

export interface Comparison {
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly format: string;
  readonly differences: readonly SchemaDifference[];
  /** The later one reads what the earlier one wrote. */
  readonly backward: Verdict;
  readonly forward: Verdict;
  readonly level: CompatibilityLevel;
  /** Whether the subject's level lets the later one follow the earlier one; null: no verdict. */
  readonly allowed: boolean | null;
}

export function compare(
  before: Side,
  after: Side,
  of: { readonly subject: string; readonly level: CompatibilityLevel },
): Comparison {
  const { schema: earlier } = before;
  const { schema: later } = after;
  const formats = [...new Set([earlier.format, later.format])];
  const broken = unlessUnsupported(() => checkCompatibility(of.level, later, [{ version: 1, schema: earlier }]));
  return {
    ...of,
    ...{ from: before.name, to: after.name, format: formats.join(' → ') },
    differences: diffSchemas(earlier, later),
    backward: unlessUnsupported(() => checkReads(later, earlier)),
    forward: unlessUnsupported(() => checkReads(earlier, later)),
    allowed: broken === null ? null : broken.length === 0,
  };
}

function unlessUnsupported<Found>(judge: () => Found): Found | null {
  try {
    return judge();
  } catch (thrown) {
    if (thrown instanceof Problem && notSupported.caused(thrown)) return null;
    throw thrown;
  }
}

export function comparisonLines(comparison: Comparison, columns: number): string[] {
  const { subject, from, to, format, differences, backward, forward, level, allowed } = comparison;
  const follows =
    allowed === null ? 'no verdict' : allowed ? styleText('green', 'may follow') : styleText('red', 'may not follow');
  return [
    `${styleText('bold', subject)}  ${from} → ${to}  ${styleText('dim', format)}`,
    '',
    ...(differences.length === 0 ? ['  no field differs'] : differenceLines(differences, columns)),
    '',
    ...verdictLines(`backward  ${to} reads what ${from} wrote`, backward, columns),
    ...verdictLines(`forward   ${from} reads what ${to} writes`, forward, columns),
    `  level     ${level}: ${to} ${follows}`,
  ];
}

function verdictLines(claim: string, verdict: Verdict, columns: number): string[] {
  if (verdict === null) return [`${styleText('yellow', '?')} ${claim}: no verdict`];
  if (verdict.length === 0) return [`${styleText('green', '✓')} ${claim}`];
  return [
    `${styleText('red', '✗')} ${claim}, except`,
    ...verdict.flatMap(({ type, path, message }) => [
      `    ${styleText('bold', path || '/')}  ${styleText('dim', type)}`,
      ...wrapped(message, { indent: 6, columns }),
    ]),
  ];
}
