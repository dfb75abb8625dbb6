import { styleText } from 'node:util';
import { defineCommand } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { show } from '../command-line/output.ts';
import { counted } from '../schema/count-words.ts';
import { draftOptions, readDraft } from '../schema/draft-file.ts';
import { openDoor, registryOption } from '../schema/open-door.ts';
import { parseVersion } from '../schema/parse-version.ts';
import { breakLines, reasonLines } from '../schema/reason-lines.ts';
import type { CheckAnswer } from '../schema/registry-door.ts';
import { requireSubject, subjectOption } from '../schema/subject-option.ts';

const options = {
  ...subjectOption,
  version: { type: 'string', value: 'n', says: 'compare with this version alone; else as registering would' },
  ...draftOptions,
  ...registryOption,
} as const;

export const schemaCheck = defineCommand({
  operands: ['<file>'],
  options,
  problemCode: exitCode.noAnswer,
  details: [
    'Tells everything that speaks against a schema: each incompatibility, and what deployed pipelines would not find any more.',
    'Changes nothing. Exit code 1: it would be refused; 5: no verdict, because the file is no schema or a reference is not there.',
  ],
  async run(call) {
    const { values, operands, output } = call;
    const subject = requireSubject(values);
    const draft = readDraft(operands[0] ?? '', values);
    using door = openDoor(call);
    const wanted = values.version === undefined ? null : parseVersion(values.version);
    const version = wanted === 'latest' ? (await door.version(subject, 'latest')).version : wanted;
    const answer = await door.check(subject, draft, version);
    show(output, { subject, ...answer }, () => checkLines(subject, answer, output.columns));
    if (answer.noVerdict !== null) return exitCode.noAnswer;
    return answer.compatible ? exitCode.done : exitCode.failed;
  },
});

export function checkLines(subject: string, answer: CheckAnswer, columns: number): string[] {
  const { compatible, level, reasons, breaks, noVerdict } = answer;
  if (noVerdict !== null) return [`${styleText('yellow', '?')} ${subject}: no verdict under ${level}: ${noVerdict}`];
  if (compatible)
    return [`${styleText('green', '✓')} ${subject} takes it: compatible under ${level}, and no deployed pipeline would break`];
  const found = [
    ...(reasons.length === 0 ? [] : [counted(reasons.length, 'reason')]),
    ...(breaks.length === 0 ? [] : [counted(breaks.length, 'broken place')]),
  ];
  return [
    `${subject} does not take it under ${level}: ${found.join(', ') || 'the registry tells no reason'}`,
    ...reasonLines(reasons, columns),
    ...breakLines(breaks, columns),
  ];
}
