import { describe, expect, test } from '@jest/globals';
import type { InferenceSession } from 'onnxruntime-node';
import { readSignature } from './signature.ts';

type Metadata = InferenceSession.ValueMetadata;
interface Case {
  readonly what: string;
  readonly input: readonly Metadata[];
  readonly output: readonly Metadata[];
}

const tensor = (name: string, type: 'float32' | 'float64' | 'int64' | 'string', shape: (number | string)[]): Metadata => ({
  name,
  isTensor: true,
  type,
  shape,
});
const features = tensor('features', 'float32', ['N', 4]);
const label = tensor('label', 'int64', ['N']);
const probabilities = tensor('probabilities', 'float32', ['N', 2]);
const classes = [label, probabilities];
const read = ({ input, output }: Case): ReturnType<typeof readSignature> =>
  readSignature({ inputMetadata: input, outputMetadata: output }, 4);

describe('a signature is understood', () => {
  const raw = tensor('raw', 'float32', ['N', 1]);
  const open = tensor('X', 'float32', ['', '']);
  test.each<Case & { expected: object }>([
    { what: 'of our own classifier', input: [features], output: classes, expected: { label: 'label', score: 'probabilities' } },
    { what: 'of a converter that leaves sizes open', input: [open], output: classes, expected: { input: 'X', inputs: 4 } },
    { what: 'of a regression', input: [features], output: [raw], expected: { label: null, score: 'raw' } },
    { what: 'with more scores', input: [features], output: [label, raw, probabilities], expected: { score: 'probabilities' } },
  ])('$what', (given) => {
    expect(read(given)).toMatchObject(given.expected);
  });
});

describe('a signature is refused in words', () => {
  const wide = tensor('x', 'float32', ['N', 3]);
  const single = tensor('x', 'float32', [1, 4]);
  const double = tensor('x', 'float64', ['N', 4]);
  const words = tensor('label', 'string', ['N']);
  const map: Metadata = { name: 'output_probability', isTensor: false };
  test.each<Case & { says: string }>([
    { what: 'width', input: [wide], output: classes, says: 'takes x float32 [N, 3], and 4 inputs are registered' },
    { what: 'one row', input: [single], output: classes, says: 'expected float32 [N, 4]' },
    { what: 'type', input: [double], output: classes, says: 'takes x float64 [N, 4], expected float32' },
    { what: 'an input for each column', input: [features, features], output: classes, says: 'takes 2 tensors' },
    { what: 'no input', input: [], output: classes, says: 'takes 0 tensors' },
    { what: 'no scores', input: [features], output: [words], says: 'answers label string [N]: expected one tensor of scores' },
    { what: 'a map', input: [features], output: [label, map], says: 'export it without ZipMap' },
  ])('$what', (given) => {
    expect(read(given)).toContain(given.says);
  });
});
