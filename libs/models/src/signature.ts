import type { InferenceSession } from 'onnxruntime-node';

/** What a model has to say of itself: a class with its probability, or a value. */
export type ModelKind = 'class' | 'value';

/** How a model is asked and what of its answer is read. */
export interface Signature {
  readonly input: string;
  readonly inputs: number;
  /** The output with the predicted class; null where the labels follow from the scores. */
  readonly label: string | null;
  readonly score: string;
}

type Metadata = InferenceSession.ValueMetadata;
type Tensor = InferenceSession.TensorValueMetadata;

const integerTypes = new Set(['int64', 'int32']);
const floatTypes = new Set(['float32', 'float64']);

/** Reads a model's signature, or says why it cannot be served, as it reads after "the model". */
export function readSignature(
  { inputMetadata, outputMetadata }: Pick<InferenceSession, 'inputMetadata' | 'outputMetadata'>,
  inputs: number,
): Signature | string {
  const [input, ...others] = inputMetadata;
  if (input === undefined || others.length > 0)
    return `takes ${inputMetadata.length} tensors, expected one of float32 [N, ${inputs}]`;
  const misfit = misfitOf(input, inputs);
  if (misfit !== null) return misfit;
  const label = outputMetadata.find((output) => output.isTensor && integerTypes.has(output.type));
  const score = scoreOf(outputMetadata);
  if (typeof score === 'string') return score;
  return { input: input.name, inputs, label: label?.name ?? null, score: score.name };
}

function misfitOf(input: Metadata, inputs: number): string | null {
  if (!input.isTensor || input.type !== 'float32') return `takes ${describe(input)}, expected float32 [N, ${inputs}]`;
  const [rows, width] = input.shape;
  const takesAnyRows = typeof rows !== 'number' || rows < 0;
  const takesWidth = typeof width !== 'number' || width < 0 || width === inputs;
  if (input.shape.length === 2 && takesAnyRows && takesWidth) return null;
  return `takes ${describe(input)}, and ${inputs} inputs are registered: expected float32 [N, ${inputs}]`;
}

/** The output with probabilities goes by the common converters' names; else the only one of real numbers is it. */
function scoreOf(outputs: readonly Metadata[]): Tensor | string {
  const floats = outputs.filter((output): output is Tensor => output.isTensor && floatTypes.has(output.type));
  const named = floats.find(({ name }) => /probabilit/.test(name));
  if (named !== undefined) return named;
  if (floats.length === 1) return floats[0] as Tensor;
  const maps = outputs.filter(({ isTensor }) => !isTensor).map(({ name }) => name);
  if (maps.length > 0) return `answers ${maps.join(', ')} as a map: export it without ZipMap, so that probabilities are a tensor`;
  return `answers ${outputs.map(describe).join(', ')}: expected one tensor of scores`;
}

function describe(value: Metadata): string {
  return value.isTensor ? `${value.name} ${value.type} [${value.shape.join(', ')}]` : `${value.name}, no tensor`;
}
