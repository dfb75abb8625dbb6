import type { inference } from '@penstock/contracts';
import type { Answer, ModelKind } from '@penstock/models';
import { badRequest } from './problems.ts';

type OutputTensor = inference.ModelInferResponse_InferOutputTensor;

/** What a model answers over the protocol, by kind: a class has its label beside its score. */
export const outputsOf: Readonly<Record<ModelKind, readonly { readonly name: string; readonly datatype: 'INT64' | 'FP32' }[]>> = {
  class: [
    { name: 'label', datatype: 'INT64' },
    { name: 'score', datatype: 'FP32' },
  ],
  value: [{ name: 'score', datatype: 'FP32' }],
};

export interface WrittenAnswer {
  readonly outputs: OutputTensor[];
  readonly rawOutputContents: Buffer[];
}

export interface AskedOutputs {
  readonly kind: ModelKind;
  /** None: all that there are. */
  readonly names: readonly string[];
  /** Elements as bytes, as they are asked for by sending bytes. */
  readonly raw: boolean;
}

/** The outputs that were asked for, in that order. */
export function writeAnswer(answer: Answer, { kind, names, raw }: AskedOutputs): WrittenAnswer {
  const all = outputsOf[kind];
  const asked = names.length === 0 ? all.map(({ name }) => name) : names;
  const known = asked.map((name) => {
    const output = all.find((one) => one.name === name);
    if (output === undefined) throw badRequest(`unknown output ${name}: expected ${all.map((one) => one.name).join(' or ')}`);
    return output;
  });
  const outputs = known.map(({ name, datatype }): OutputTensor => {
    const shape = [BigInt(answer.scores.length)];
    const contents = raw ? undefined : contentsOf(name === 'label' ? answer.labels : answer.scores, datatype);
    return { name, datatype, shape, parameters: new Map(), contents };
  });
  const rawOutputContents = raw
    ? known.map(({ name }) => (name === 'label' ? rawLabels(answer.labels) : rawScores(answer.scores)))
    : [];
  return { outputs, rawOutputContents };
}

const nothing: Required<inference.InferTensorContents> = {
  boolContents: [],
  intContents: [],
  int64Contents: [],
  uintContents: [],
  uint64Contents: [],
  fp32Contents: [],
  fp64Contents: [],
  bytesContents: [],
};

function contentsOf(values: Float64Array, datatype: 'INT64' | 'FP32'): inference.InferTensorContents {
  if (datatype === 'FP32') return { ...nothing, fp32Contents: [...values] };
  return { ...nothing, int64Contents: Array.from(values, (value) => BigInt(value)) };
}

function rawLabels(labels: Float64Array): Buffer {
  const bytes = Buffer.alloc(labels.length * 8);
  labels.forEach((label, row) => bytes.writeBigInt64LE(BigInt(label), row * 8));
  return bytes;
}

function rawScores(scores: Float64Array): Buffer {
  const bytes = Buffer.alloc(scores.length * 4);
  scores.forEach((score, row) => bytes.writeFloatLE(score, row * 4));
  return bytes;
}
