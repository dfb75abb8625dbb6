import type { Binding, Field } from '@penstock/kernel';
import { defineTransform, type Typing } from '@penstock/pipeline';
import { type PredictConfig, predictConfig } from './config.ts';
import { createPredict, type Predictor, type PredictSettings } from './transform.ts';

/** What a service must lend to the stage. */
export interface PredictContext {
  predictor(model: string, alias: string): Predictor;
}

export const predict = defineTransform<PredictConfig, PredictContext>({
  name: 'predict',
  sentence: 'Scores each record with the model behind an alias; which version answered stands in the record.',
  config: predictConfig,
  type(config, typing) {
    const { model, alias } = config;
    const inputs = config.input.map((name, index) => typeInput(name, index, typing));
    compareWithModel(config, inputs, typing);
    const answers = answerFields(config).map((field) => bindAnswer(field, typing));
    const [label, score, name, version] = answers.map(({ slot }) => slot) as [number, number, number, number];
    const slots: PredictSettings['slots'] = { label, score, modelName: name, modelVersion: version };
    return {
      columns: [...typing.columns, ...answers],
      memory: 'none',
      store: null,
      predicts: { model, alias },
      open: ({ predictor }) =>
        createPredict({ model, alias, inputs: inputs.map((input) => input?.slot ?? -1), slots }, predictor(model, alias)),
    };
  },
});

function typeInput(name: string, index: number, { column, complain }: Typing): Binding | null {
  const found = column(name, ['input', index]);
  if (found === null) return null;
  const { type } = found.field;
  if (type === 'number' || type === 'integer') return found;
  complain(['input', index], `expected a field of numbers, ${name} is a ${type}; make a number of it with compute`);
  return null;
}

/** By names, order, types and units: a bare tensor has none of them, so registering a model demands them. */
function compareWithModel({ model, alias, input }: PredictConfig, inputs: readonly (Binding | null)[], typing: Typing): void {
  const known = typing.model(model, alias);
  if (known === null) return;
  const shown = `${model} (${alias})`;
  if (known.length !== input.length) {
    const names = known.map(({ name }) => name).join(', ');
    typing.complain(['input'], `${shown} takes ${known.length} inputs, got ${input.length}; expected ${names}`);
    return;
  }
  known.forEach((expected, index) => {
    const field = inputs[index]?.field;
    const at = ['input', index];
    if (field === undefined) return;
    if (field.name !== expected.name) typing.complain(at, `input ${index + 1} of ${shown} is ${expected.name}`, expected.name);
    else if (expected.type === 'integer' && field.type !== 'integer')
      typing.complain(at, `${shown} takes ${expected.name} as an integer, it is a ${field.type}`);
    else if (expected.unit !== undefined && field.unit !== undefined && expected.unit !== field.unit)
      typing.complain(at, `${shown} takes ${expected.name} in ${expected.unit}, it comes in ${field.unit}`);
  });
}

function answerFields({ answer }: PredictConfig): readonly Field[] {
  return [
    { name: 'predicted', type: answer === 'class' ? 'integer' : 'number', nullable: false },
    { name: 'score', type: 'number', nullable: false },
    { name: 'modelName', type: 'string', nullable: false },
    { name: 'modelVersion', type: 'string', nullable: false },
  ];
}

function bindAnswer(field: Field, { columns, add, complain }: Typing): Binding {
  if (columns.some((column) => column.field.name === field.name)) {
    complain([], `the record has a ${field.name} already, which the answer of a model is called; rename it before`);
  }
  return { field, slot: add(field) };
}
