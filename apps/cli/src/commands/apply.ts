import { styleText } from 'node:util';
import { pipelines } from '@penstock/contracts';
import { checkDocument, formatComplaint, readDocument } from '@penstock/document';
import { createGrpcClient } from '@penstock/service';
import { readAddresses } from '../command-line/addresses.ts';
import { agreed as agreedTo } from '../command-line/agreed.ts';
import { type Call, defineCommand } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { gatewayOptions } from '../command-line/grpc-options.ts';
import { show, table } from '../command-line/output.ts';
import { openDocument } from './document-file.ts';

const options = {
  'dry-run': { type: 'boolean', says: 'show what would change, and change nothing' },
  yes: { type: 'boolean', short: 'y', says: 'do not ask before changing' },
} as const;
type ApplyCall = Call<typeof options>;

/** Registering schemas and creating topics may take a while. */
const deadlineMs = 60_000;

export const apply = defineCommand({
  operands: ['<document>'],
  options,
  details: ['Shows the changes, asks, and lets the services run the document. What does not change goes on undisturbed.'],
  async run(call) {
    const { shown, text, readFile } = openDocument(call.operands[0] ?? '');
    const document = documentOf(shown, text, readFile);
    using client = createGrpcClient(
      pipelines.PipelinesServiceClient,
      readAddresses(call).service('schema-gateway'),
      gatewayOptions(call.env),
    );
    const { complaints, changes } = await client.plan({ document }, { deadlineMs });
    if (changes === undefined) return refuse(call, shown, complaints);
    const changed = isChange(changes);
    if (changed && !call.values['dry-run']) {
      if (!(await agreed(call, changes))) return exitCode.failed;
      const applied = await client.apply({ document }, { deadlineMs });
      return done(call, applied.changes ?? changes, true);
    }
    return done(call, changes, false);
  },
});

/** The document with every file that it refers to. A check knows which these are. */
export function documentOf(file: string, text: string, readFile: (path: string) => string | null): pipelines.Document {
  const files = new Map<string, string>();
  const record = (path: string): string | null => {
    const content = readFile(path);
    if (content !== null) files.set(path, content);
    return content;
  };
  checkDocument(readDocument(text, { file }), { readFile: record });
  return { text, file, files };
}

function refuse({ output }: ApplyCall, file: string, complaints: readonly pipelines.Complaint[]): number {
  show(output, { applied: false, complaints }, () =>
    complaints.map(({ suggestion, ...complaint }) => formatComplaint(file, { ...complaint, ...(suggestion && { suggestion }) })),
  );
  return exitCode.failed;
}

async function agreed({ output, values, signal }: ApplyCall, changes: pipelines.Changes): Promise<boolean> {
  if (values.yes) return true;
  for (const line of changeLines(changes)) output.tell(line);
  return await agreedTo('apply this? [y/N] ', signal);
}

function done({ output, values }: ApplyCall, changes: pipelines.Changes, applied: boolean): number {
  const shownBefore = applied && !values.yes;
  show(output, { applied, ...jsonOfChanges(changes) }, () => [
    ...(shownBefore ? [] : [...changeLines(changes), '']),
    applied ? `${changes.pipeline} ${changes.version} is applied: \`penstock status\` shows it` : 'nothing was changed',
  ]);
  return exitCode.done;
}

const kindMarks = {
  started: styleText('green', '+'),
  kept: styleText('dim', '='),
  changed: styleText('yellow', '~'),
  stopped: styleText('red', '-'),
} as const;

function kindOf({ kind }: pipelines.StageChange): keyof typeof kindMarks {
  const name = pipelines.stageChangeKindToJSON(kind).replace('STAGE_CHANGE_KIND_', '').toLowerCase();
  return name in kindMarks ? (name as keyof typeof kindMarks) : 'kept';
}

export function isChange({ stages, schemas, version, previousVersion }: pipelines.Changes): boolean {
  return (
    stages.some((stage) => kindOf(stage) !== 'kept') ||
    schemas.some(({ registered }) => registered) ||
    version !== previousVersion
  );
}

export function changeLines({ pipeline, previousVersion, stages, schemas, topics }: pipelines.Changes): string[] {
  const rows = stages.map((stage) => [`  ${kindMarks[kindOf(stage)]} ${stage.stage}`, stage.service, kindOf(stage)]);
  const registered = schemas.filter((schema) => schema.registered).map(({ subject }) => `  + ${subject}`);
  return [
    `pipeline ${pipeline}, ${previousVersion === '' ? 'new' : `now ${previousVersion}`}`,
    ...table(['  stage', 'service', 'will be'], rows),
    ...(registered.length === 0 ? [] : ['  schemas to register', ...registered]),
    ...(topics.length === 0 ? [] : [`  topics: ${topics.map(({ topic, partitions }) => `${topic} (${partitions})`).join(', ')}`]),
  ];
}

function jsonOfChanges(changes: pipelines.Changes): object {
  return { ...changes, stages: changes.stages.map((stage) => ({ ...stage, kind: kindOf(stage) })) };
}
