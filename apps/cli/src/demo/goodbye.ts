import { relative } from 'node:path';
import type { Platform } from '../platform/open-platform.ts';
import type { PhaseReport } from './judging.ts';
import type { Story } from './story.ts';

export interface GoodbyeParts {
  readonly platform: Platform;
  readonly story: Story;
  readonly folder: string;
  readonly seconds: number;
  readonly accuracy: readonly PhaseReport[];
}

/** Ten lines: what went in, came out, was refused, was learnt; where it lies, how to go on, how to erase it. */
export async function goodbye({ story, folder, seconds, accuracy }: GoodbyeParts): Promise<string[]> {
  const archived = await story.tables.archived().catch(() => story.archived);
  const predictions = (await story.tables.predictions().catch(() => [])).length;
  const count = (value: number): string => value.toLocaleString('en');
  const place = relative(process.cwd(), folder) || folder;
  const learnt = story.model?.versions.map(({ version, trigger }) => `version ${version} (${trigger?.kind})`).join(', ') ?? '';
  const phases = accuracy.map(({ phase, balancedAccuracy }) => `${phase} ${(balancedAccuracy * 100).toFixed(1)} %`).join(', ');
  return [
    '',
    `Penstock ran for ${seconds.toFixed(0)} s. Goodbye.`,
    `  went in     ${count(story.readingsAcknowledged)} readings acknowledged over MQTT`,
    `  came out    ${count(archived)} rows in the archive, ${count(predictions)} predictions`,
    `  was refused ${count(story.sample.refused)} rows, each with a reason: npx penstock dlq ls`,
    `  was learnt  ${learnt === '' ? 'nothing yet' : learnt}${phases === '' ? '' : `; balanced accuracy ${phases}`}`,
    `  in between  ${count(Math.max(0, story.readingsAcknowledged - archived))} readings on their way; they go on at the next start`,
    `  data lies   in ${place}, logs in ${place}/logs`,
    '  go on       npm start',
    '  erase       npx penstock down --purge',
  ];
}
