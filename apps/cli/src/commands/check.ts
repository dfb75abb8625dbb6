import {
  type CheckedDocument,
  type Complaint,
  checkDocument,
  formatComplaint,
  readDocument,
  type StagePlan,
} from '@penstock/document';
import { defineCommand } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { show, table } from '../command-line/output.ts';
import { openDocument } from './document-file.ts';

/** What is printed of one document, with `-o json` as it is. */
interface CheckResult {
  readonly file: string;
  readonly complaints: readonly Complaint[];
  readonly stages: readonly { readonly stage: string; readonly service: string; readonly from: string; readonly to: string }[];
  readonly topics: readonly string[];
}

export const check = defineCommand({
  operands: ['<document>', '[more…]'],
  options: {},
  details: [
    'Types the whole pipe, from the sensors to the columns of the sinks. It asks nobody: nothing has to run. Exit code 1: there are',
    'complaints, each with its line.',
  ],
  async run({ operands, output }) {
    const results = operands.map(checkFile);
    for (const result of results) show(output, result, () => linesOf(result));
    return results.every(({ complaints }) => complaints.length === 0) ? exitCode.done : exitCode.failed;
  },
});

function checkFile(file: string): CheckResult {
  const { shown, text, readFile } = openDocument(file);
  const { complaints, stages, topics } = checkDocument(readDocument(text, { file: shown }), { readFile });
  return {
    file: shown,
    complaints,
    stages: stages.map((stage) => ({ stage: stage.name, service: stage.service, from: fromOf(stage), to: toOf(stage) })),
    topics: topics.map(({ topic }) => topic),
  };
}

function linesOf({ file, complaints, stages, topics }: CheckResult): string[] {
  if (complaints.length > 0) return complaints.map((complaint) => formatComplaint(file, complaint));
  const rows = stages.map(({ stage, service, from, to }) => [`  ${stage}`, service, from, to]);
  return [
    `${file}: ${stages.length} stages and ${topics.length} topics fit together`,
    ...table(['  stage', 'service', 'from', 'to'], rows),
  ];
}

export function fromOf({ from }: Pick<CheckedDocument['stages'][number], 'from'>): string {
  return from.kind === 'kafka' ? from.topic : `mqtt ${from.config.topics.join(', ')}`;
}

export function toOf({ to, output }: Pick<StagePlan, 'to' | 'output'>): string {
  if (to.kind === 'postgres') return `postgres ${to.config.table}`;
  return output.schemaId === 'header' ? `${to.topic} (schema in a header)` : to.topic;
}
