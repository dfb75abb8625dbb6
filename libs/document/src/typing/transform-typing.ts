import { compileAggregate, type Expression, fieldTypeOf, nearestOf, nounOf, refusedExpression } from '@penstock/expressions';
import type { Binding } from '@penstock/kernel';
import type { KnownInput, SettingPath, TypedExpression, Typing } from '@penstock/pipeline';
import type { DocumentPath } from '../reading/places.ts';
import { type Complaints, faultOf } from './complaints.ts';
import type { StageColumns } from './stage-columns.ts';

/** Where a transform stands. */
export interface TransformPlace {
  readonly stage: string;
  readonly path: DocumentPath;
  readonly columns: readonly Binding[];
  readonly isIdentified: boolean;
  readonly all: StageColumns;
  readonly complaints: Complaints;
  model(name: string, alias: string): readonly KnownInput[] | null;
}

/** What one transform sees of its stage. What it looks at is noted, so that decoders fill it. */
export function createTransformTyping(place: TransformPlace): Typing {
  const { stage, columns: flowing, isIdentified, all, model } = place;
  const complain = (at: SettingPath, message: string, suggestion?: string): void =>
    place.complaints.add({
      path: [...place.path, ...at],
      code: 'document.type',
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  const guarded = <Typed>(at: SettingPath, type: () => Typed): Typed | null => {
    try {
      return type();
    } catch (thrown) {
      if (!refusedExpression.caused(thrown)) throw thrown;
      place.complaints.add(faultOf(thrown, [...place.path, ...at]));
      return null;
    }
  };
  const typed = (expression: Expression, text: string, at: SettingPath): TypedExpression | null => {
    const fitting = typedOf(expression, text, flowing);
    if (fitting === null) complain(at, `expected a value that a field can hold, ${text} is ${nounOf(expression.type)}`);
    return fitting;
  };
  return {
    stage,
    columns: flowing,
    isIdentified,
    complain,
    model,
    add: (field) => all.add(field),
    column(name, at) {
      const found = flowing.find(({ field }) => field.name === name);
      if (found !== undefined) all.use(found);
      else complainUnknown(name, flowing, (message, suggestion) => complain(at, message, suggestion));
      return found ?? null;
    },
    expression: (text, at, columns = flowing) => guarded(at, () => typed(all.compile(text, { columns }), text.trim(), at)),
    aggregate: (text, kinds, at) =>
      guarded(at, () => {
        const { kind, operand } = compileAggregate(text, kinds, { columns: flowing });
        all.useNames(operand.names, flowing);
        const inner = typed(operand, text.slice(text.indexOf('(') + 1, text.lastIndexOf(')')).trim(), at);
        return inner === null ? null : { kind, operand: inner };
      }),
  };
}

function complainUnknown(
  name: string,
  columns: readonly Binding[],
  complain: (message: string, suggestion: string | undefined) => void,
): void {
  const known = columns.map(({ field }) => field.name);
  complain(`there is no field ${name} here; fields: ${known.join(', ')}`, nearestOf(name, known) ?? undefined);
}

/** Null for a value that no column holds. A column that stands alone keeps its unit. */
function typedOf(
  { type: valueType, nullable, evaluate, number }: Expression,
  text: string,
  columns: readonly Binding[],
): TypedExpression | null {
  const type = fieldTypeOf(valueType);
  if (type === null) return null;
  const unit = columns.find(({ field }) => field.name === text)?.field.unit;
  return { type, nullable, evaluate, number, ...(unit === undefined ? {} : { unit }) };
}
