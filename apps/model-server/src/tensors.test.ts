import { describe, expect, test } from '@jest/globals';
import { inference } from '@penstock/contracts';
import { featuresOf, type NumberTensor, readTensors } from './tensors.ts';

const names = ['co2Ppm', 'lightLux'];
type Contents = Partial<inference.InferTensorContents>;

function request(
  input: { datatype: string; shape: number[]; contents?: Contents },
  raw?: Uint8Array,
): inference.ModelInferRequest {
  const { datatype, shape, contents } = input;
  return inference.ModelInferRequest.fromPartial({
    inputs: [{ name: 'x', datatype, shape: shape.map(BigInt), ...(contents === undefined ? {} : { contents }) }],
    rawInputContents: raw === undefined ? [] : [Buffer.from(raw)],
  });
}

const bytesOf = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

describe('elements of a tensor', () => {
  test.each<{ datatype: string; contents: Contents; raw: ArrayBufferView; expected: number[] }>([
    { datatype: 'FP32', contents: { fp32Contents: [1.5, -2] }, raw: Float32Array.of(1.5, -2), expected: [1.5, -2] },
    { datatype: 'FP64', contents: { fp64Contents: [0.1, 1e300] }, raw: Float64Array.of(0.1, 1e300), expected: [0.1, 1e300] },
    { datatype: 'INT64', contents: { int64Contents: [-5n, 7n] }, raw: BigInt64Array.of(-5n, 7n), expected: [-5, 7] },
    { datatype: 'UINT64', contents: { uint64Contents: [5n, 7n] }, raw: BigUint64Array.of(5n, 7n), expected: [5, 7] },
    { datatype: 'INT32', contents: { intContents: [-5, 7] }, raw: Int32Array.of(-5, 7), expected: [-5, 7] },
    { datatype: 'INT16', contents: { intContents: [-5, 7] }, raw: Int16Array.of(-5, 7), expected: [-5, 7] },
    { datatype: 'INT8', contents: { intContents: [-5, 7] }, raw: Int8Array.of(-5, 7), expected: [-5, 7] },
    { datatype: 'UINT32', contents: { uintContents: [5, 7] }, raw: Uint32Array.of(5, 7), expected: [5, 7] },
    { datatype: 'UINT16', contents: { uintContents: [5, 7] }, raw: Uint16Array.of(5, 7), expected: [5, 7] },
    { datatype: 'UINT8', contents: { uintContents: [5, 7] }, raw: Uint8Array.of(5, 7), expected: [5, 7] },
    { datatype: 'BOOL', contents: { boolContents: [true, false] }, raw: Uint8Array.of(1, 0), expected: [1, 0] },
  ])('$datatype come in their field or as bytes', ({ datatype, contents, raw, expected }) => {
    expect([...(readTensors(request({ datatype, shape: [2], contents }))[0]?.values ?? [])]).toEqual(expected);
    expect([...(readTensors(request({ datatype, shape: [2, 1] }, bytesOf(raw)))[0]?.values ?? [])]).toEqual(expected);
  });

  test.each([
    { what: 'another type', given: request({ datatype: 'BYTES', shape: [1] }), says: 'expected BOOL, INT8' },
    { what: 'no type', given: request({ datatype: '', shape: [1] }), says: 'got no datatype' },
    {
      what: 'too few',
      given: request({ datatype: 'FP32', shape: [3], contents: { fp32Contents: [1] } }),
      says: 'expected 3 elements of shape [3], got 1',
    },
    { what: 'the wrong field', given: request({ datatype: 'FP32', shape: [1], contents: { fp64Contents: [1] } }), says: 'got 0' },
    { what: 'nothing', given: request({ datatype: 'FP32', shape: [1] }), says: 'got 0' },
    {
      what: 'half an element',
      given: request({ datatype: 'FP32', shape: [1] }, new Uint8Array(6)),
      says: 'expected whole elements of 4 bytes, got 6 bytes',
    },
    { what: 'no shape', given: request({ datatype: 'FP32', shape: [] }), says: 'shape [] holds nothing' },
    { what: 'an empty shape', given: request({ datatype: 'FP32', shape: [0] }), says: 'shape [0] holds nothing' },
    { what: 'a negative shape', given: request({ datatype: 'FP32', shape: [-1, -1] }), says: 'shape [-1, -1] holds nothing' },
  ])('$what is refused', ({ given, says }) => {
    expect(() => readTensors(given)).toThrow(
      expect.objectContaining({ code: 'model-server.bad-request', message: expect.stringContaining(says) }),
    );
  });

  test('bytes come for all inputs or for none', () => {
    const given = request({ datatype: 'FP32', shape: [1] }, new Uint8Array(4));
    expect(() => readTensors({ ...given, rawInputContents: [...given.rawInputContents, Buffer.alloc(4)] })).toThrow(
      'expected one for each of 1 inputs, got 2',
    );
  });
});

describe('features', () => {
  const tensor = (name: string, shape: number[], values: number[]): NumberTensor => ({
    name,
    shape,
    values: Float64Array.from(values),
  });
  const read = (...tensors: NumberTensor[]) => featuresOf(tensors, names, 'features');

  test('go by name, in any order, into the order of the model', () => {
    const { rows, values } = read(tensor('lightLux', [2, 1], [10, 20]), tensor('co2Ppm', [2], [1, 2]));
    expect([rows, ...values]).toEqual([2, 1, 10, 2, 20]);
  });

  test('or come as one matrix, or as one row', () => {
    expect(read(tensor('features', [2, 2], [1, 10, 2, 20]))).toEqual({ rows: 2, values: Float32Array.of(1, 10, 2, 20) });
    expect(read(tensor('features', [2], [1, 10])).rows).toBe(1);
  });

  test('keep missing values', () => {
    expect([...read(tensor('co2Ppm', [1], [Number.NaN]), tensor('lightLux', [1], [1])).values]).toEqual([Number.NaN, 1]);
  });

  test.each([
    {
      what: 'an unknown name',
      given: [tensor('co2', [1], [1]), tensor('lightLux', [1], [1])],
      says: 'unknown input co2: expected co2Ppm, lightLux',
    },
    { what: 'a missing one', given: [tensor('co2Ppm', [1], [1])], says: 'input lightLux is missing' },
    {
      what: 'one given twice',
      given: [tensor('co2Ppm', [1], [1]), tensor('lightLux', [1], [1]), tensor('lightLux', [1], [1])],
      says: 'given twice',
    },
    {
      what: 'columns of other lengths',
      given: [tensor('co2Ppm', [1], [1]), tensor('lightLux', [2], [1, 2])],
      says: 'input lightLux: expected 1 rows as co2Ppm has, got 2',
    },
    {
      what: 'a wide column',
      given: [tensor('co2Ppm', [1, 2], [1, 2]), tensor('lightLux', [1], [1])],
      says: 'expected the shape [N] or [N, 1], got [1, 2]',
    },
    {
      what: 'a matrix of another width',
      given: [tensor('features', [1, 3], [1, 2, 3])],
      says: 'expected the shape [N, 2] for co2Ppm, lightLux, got [1, 3]',
    },
    { what: 'nothing', given: [], says: 'input co2Ppm, lightLux is missing' },
  ])('$what is refused', ({ given, says }) => {
    expect(() => read(...given)).toThrow(says);
  });
});
