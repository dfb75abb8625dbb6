import type { Binding } from '@penstock/kernel';
import type { TypedTransform } from '@penstock/pipeline';
import { stepOf } from '../language/steps.ts';
import type { DocumentPath } from '../reading/places.ts';
import type { StageContext } from '../stage-context.ts';
import type { Fault } from './complaints.ts';
import type { StageColumns } from './stage-columns.ts';
import { complain, type StagePlace } from './stage-place.ts';
import { createTransformTyping } from './transform-typing.ts';

export interface TypedStep {
  readonly name: string;
  /** From the stage on. */
  readonly at: DocumentPath;
  readonly config: unknown;
  readonly transform: TypedTransform<StageContext>;
}

export interface TypedSteps {
  readonly steps: readonly TypedStep[];
  /** What comes out; null when that is not known because of complaints. */
  readonly columns: readonly Binding[] | null;
}

/** Types the transforms of a stage, each against what the one before it makes. */
export function typeSteps(place: StagePlace, columns: StageColumns, isIdentified: boolean): TypedSteps {
  const steps: TypedStep[] = [];
  let flowing: readonly Binding[] = columns.input;
  let isWhole = true;
  for (const [index, parsed] of place.stage.via.entries()) {
    const { component, config } = stepOf(parsed as Readonly<Record<string, unknown>>);
    const at = ['via', index, component.name];
    let isFaulty = false;
    const complaints = {
      add(fault: Fault): void {
        isFaulty = true;
        place.complaints.add(fault);
      },
    };
    const typing = createTransformTyping({
      stage: place.name,
      path: [...place.path, ...at],
      columns: flowing,
      isIdentified,
      all: columns,
      complaints,
      model: (name, alias) => place.sources.model(name, alias),
    });
    const transform = component.type(config, typing);
    isWhole &&= transform !== null && !isFaulty;
    if (transform === null) continue;
    checkOrder(place, steps, { name: component.name, at, transform });
    steps.push({ name: component.name, at, config, transform });
    flowing = transform.columns;
  }
  return { steps, columns: isWhole ? flowing : null };
}

function checkOrder(
  place: StagePlace,
  before: readonly TypedStep[],
  { name, at, transform }: Pick<TypedStep, 'name' | 'at' | 'transform'>,
): void {
  const { store, memory } = transform;
  const twin = before.find((step) => store !== null && step.transform.store === store);
  const keyed = before.find((step) => step.transform.memory === 'keyed');
  if (twin !== undefined) complain(place, at, `${name} stands in this stage already: put the second one into a stage of its own`);
  else if (memory === 'ids' && keyed !== undefined)
    complain(place, at, `${name} must come before ${keyed.name}, which would count what is delivered twice`);
}
