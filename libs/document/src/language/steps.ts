import { compute } from '@penstock/compute';
import { dedupe } from '@penstock/dedupe';
import { hampel } from '@penstock/hampel';
import type { TransformComponent } from '@penstock/pipeline';
import { predict } from '@penstock/predict';
import { validate } from '@penstock/validate';
import { window } from '@penstock/window';
import type { z } from 'zod';
import type { StageContext } from '../stage-context.ts';
import { choiceOf } from './choice.ts';

/** The transforms of this build, in the order in which they usually stand. */
export const transforms: readonly TransformComponent<unknown, StageContext>[] = [
  dedupe,
  validate,
  hampel,
  compute,
  window,
  predict,
];

const settings = Object.fromEntries(
  transforms.map(({ name, sentence, config }) => [name, config.meta({ ...config.meta(), description: sentence })]),
) as Readonly<Record<string, z.ZodType>>;

/** One step of `via`: the name of a transform and its settings. */
export const stepLanguage = choiceOf(settings);

export interface Step {
  readonly component: TransformComponent<unknown, StageContext>;
  readonly config: unknown;
}

/** The component that a parsed step names. */
export function stepOf(parsed: Readonly<Record<string, unknown>>): Step {
  const component = transforms.find(({ name }) => parsed[name] !== undefined);
  if (component === undefined) throw new TypeError('a step names no component');
  return { component, config: parsed[component.name] };
}
