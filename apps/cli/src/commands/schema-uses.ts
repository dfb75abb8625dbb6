import { defineCommand } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { show, table } from '../command-line/output.ts';
import { wrapped } from '../command-line/wrapped.ts';
import { openDoor, registryOption } from '../schema/open-door.ts';
import type { Uses } from '../schema/registry-door.ts';

export const schemaUses = defineCommand({
  operands: ['<subject>'],
  options: registryOption,
  details: [
    'Who would feel a change: stages of deployed pipelines with their fields, models and sinks, trainings, and schemas that refer to it.',
  ],
  async run(call) {
    using door = openDoor(call);
    const [subject = ''] = call.operands;
    const uses = await door.uses(subject);
    show(call.output, { subject, ...uses }, () => useLines(subject, uses, call.output.columns));
    return exitCode.done;
  },
});

export function useLines(subject: string, { stages, trainings, references, knowsPipelines }: Uses, columns: number): string[] {
  const rows = stages.map(({ pipeline, stage, writes, model, sink }) => [
    ...[`  ${pipeline}`, stage, writes ? 'writes' : 'reads'],
    ...[model || '–', sink || '–'],
  ]);
  const fields = stages.flatMap(({ stage, writes, fields: own }) =>
    fieldLines(`${stage} ${writes ? 'fills' : 'looks at'}`, own, columns),
  );
  const blocks = [
    stages.length === 0 ? [] : table(['  pipeline', 'stage', 'does', 'model', 'sink'], rows),
    fields,
    trainings.flatMap(({ pipeline, model, alias, fields: own }) =>
      fieldLines(`${model}@${alias} of ${pipeline} is trained with`, own, columns),
    ),
    references.map(({ subject: other, version }) => `  ${other} version ${version} refers to it`),
    knowsPipelines ? [] : ['  a registry over REST knows nothing of pipelines: ask a gateway for those that use it'],
  ].filter((block) => block.length > 0);
  const used = stages.length + trainings.length + references.length;
  const head = used === 0 ? `nobody uses ${subject}` : `${subject} is used by`;
  return [head, ...blocks.flatMap((block, index) => (index === 0 ? block : ['', ...block]))];
}

function fieldLines(head: string, fields: readonly string[], columns: number): string[] {
  return [`  ${head}`, ...wrapped(fields.join(', ') || 'no field', { indent: 4, columns })];
}
