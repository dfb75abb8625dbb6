import type { inference } from '@penstock/contracts';
import { badRequest } from './problems.ts';

type InputTensor = inference.ModelInferRequest_InferInputTensor;
type Contents = inference.InferTensorContents;

interface DataType {
  readonly bytes: number;
  read(view: DataView, at: number): number;
  contents(contents: Contents): ArrayLike<number | bigint | boolean>;
}

/** The types of numbers that the protocol knows, and where each has its elements. Raw elements are little endian. */
const dataTypes: Readonly<Record<string, DataType>> = {
  BOOL: { bytes: 1, read: (view, at) => view.getUint8(at), contents: ({ boolContents }) => boolContents },
  INT8: { bytes: 1, read: (view, at) => view.getInt8(at), contents: ({ intContents }) => intContents },
  INT16: { bytes: 2, read: (view, at) => view.getInt16(at, true), contents: ({ intContents }) => intContents },
  INT32: { bytes: 4, read: (view, at) => view.getInt32(at, true), contents: ({ intContents }) => intContents },
  INT64: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)), contents: ({ int64Contents }) => int64Contents },
  UINT8: { bytes: 1, read: (view, at) => view.getUint8(at), contents: ({ uintContents }) => uintContents },
  UINT16: { bytes: 2, read: (view, at) => view.getUint16(at, true), contents: ({ uintContents }) => uintContents },
  UINT32: { bytes: 4, read: (view, at) => view.getUint32(at, true), contents: ({ uintContents }) => uintContents },
  UINT64: { bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)), contents: ({ uint64Contents }) => uint64Contents },
  FP32: { bytes: 4, read: (view, at) => view.getFloat32(at, true), contents: ({ fp32Contents }) => fp32Contents },
  FP64: { bytes: 8, read: (view, at) => view.getFloat64(at, true), contents: ({ fp64Contents }) => fp64Contents },
};

/** A tensor as numbers in row-major order. */
export interface NumberTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** The tensors of a request, whichever way their elements came. */
export function readTensors({ inputs, rawInputContents }: inference.ModelInferRequest): NumberTensor[] {
  if (rawInputContents.length > 0 && rawInputContents.length !== inputs.length) {
    throw badRequest(`raw_input_contents: expected one for each of ${inputs.length} inputs, got ${rawInputContents.length}`);
  }
  return inputs.map((input, index) => readTensor(input, rawInputContents[index] ?? null));
}

function readTensor(input: InputTensor, raw: Uint8Array | null): NumberTensor {
  const { name, datatype } = input;
  const type = dataTypes[datatype];
  if (type === undefined)
    throw badRequest(`input ${name}: expected ${Object.keys(dataTypes).join(', ')}, got ${datatype || 'no datatype'}`);
  const shape = input.shape.map(Number);
  const size = shape.reduce((product, length) => product * length, 1);
  if (shape.length === 0 || shape.some((length) => length < 1))
    throw badRequest(`input ${name}: shape [${shape.join(', ')}] holds nothing`);
  const values = raw === null ? fromContents(input, type) : fromRaw(name, raw, type);
  if (values.length !== size) {
    throw badRequest(`input ${name}: expected ${size} elements of shape [${shape.join(', ')}], got ${values.length}`);
  }
  return { name, shape, values };
}

function fromContents({ contents }: InputTensor, type: DataType): Float64Array {
  return contents === undefined ? new Float64Array(0) : Float64Array.from(type.contents(contents), Number);
}

function fromRaw(name: string, raw: Uint8Array, { bytes, read }: DataType): Float64Array {
  if (raw.byteLength % bytes !== 0) {
    throw badRequest(`input ${name}: expected whole elements of ${bytes} bytes, got ${raw.byteLength} bytes`);
  }
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Float64Array.from({ length: raw.byteLength / bytes }, (_, index) => read(view, index * bytes));
}

/** Rows as the model takes them, one after the other. */
export interface Features {
  readonly rows: number;
  readonly values: Float32Array;
}

/** Either one tensor [N, inputs] under the model's own name, or a tensor [N] or [N, 1] for each input by its name. */
export function featuresOf(tensors: readonly NumberTensor[], names: readonly string[], matrixName: string): Features {
  const [first, ...others] = tensors;
  if (first !== undefined && others.length === 0 && first.name === matrixName && !names.includes(matrixName)) {
    return matrixFeatures(first, names);
  }
  checkNames(tensors, names, matrixName);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const columns = names.map((name) => columnOf(byName.get(name) as NumberTensor));
  const rows = columns[0]?.length ?? 0;
  const values = new Float32Array(rows * names.length);
  columns.forEach((column, input) => {
    if (column.length !== rows)
      throw badRequest(`input ${names[input]}: expected ${rows} rows as ${names[0]} has, got ${column.length}`);
    for (let row = 0; row < rows; row += 1) values[row * names.length + input] = column[row] as number;
  });
  return { rows, values };
}

function matrixFeatures({ name, shape, values }: NumberTensor, names: readonly string[]): Features {
  const width = shape.at(-1);
  if (shape.length > 2 || width !== names.length) {
    throw badRequest(`input ${name}: expected the shape [N, ${names.length}] for ${names.join(', ')}, got [${shape.join(', ')}]`);
  }
  return { rows: values.length / names.length, values: Float32Array.from(values) };
}

function checkNames(tensors: readonly NumberTensor[], names: readonly string[], matrixName: string): void {
  const given = tensors.map(({ name }) => name);
  const asExpected = `expected ${names.join(', ')}, each [N], or all of them as ${matrixName} [N, ${names.length}]`;
  const unknown = given.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw badRequest(`unknown input ${unknown.join(', ')}: ${asExpected}`);
  const missing = names.filter((name) => !given.includes(name));
  if (missing.length > 0) throw badRequest(`input ${missing.join(', ')} is missing: ${asExpected}`);
  if (given.length > names.length) throw badRequest(`an input is given twice: ${asExpected}`);
}

function columnOf({ name, shape, values }: NumberTensor): Float64Array {
  if (shape.length === 1 || (shape.length === 2 && shape[1] === 1)) return values;
  throw badRequest(`input ${name}: expected the shape [N] or [N, 1], got [${shape.join(', ')}]`);
}
