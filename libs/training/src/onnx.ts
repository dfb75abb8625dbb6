import type { Forest, Tree } from './forest.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/** Field numbers and codes of onnx.proto (github.com/onnx/onnx, IR version 8). */
const modelField = { irVersion: 1, producerName: 2, graph: 7, opsetImport: 8, metadata: 14 } as const;
const graphField = { node: 1, name: 2, input: 11, output: 12 } as const;
const nodeField = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 } as const;
const attributeField = { name: 1, string: 4, integer: 3, floats: 7, integers: 8, strings: 9, type: 20 } as const;
const attributeType = { integer: 2, string: 3, floats: 6, integers: 7, strings: 8 } as const;
const elementType = { float32: 1, int64: 7 } as const;

const mlDomain = 'ai.onnx.ml';
const irVersion = 8;
const mlOpset = 3;
const onnxOpset = 17;

const utf8 = new TextEncoder();

/**
 * A forest as an ONNX model: `features` float32 [N, inputs] in, `label` int64 [N] and `probabilities` float32 [N, 2] out, or
 * `value` float32 [N, 1] for a regression. The names of its inputs travel in the metadata. The same forest gives the same bytes.
 */
export function toOnnx(forest: Forest, inputs: readonly string[]): Uint8Array {
  if (inputs.length !== forest.inputs) throw new RangeError(`${inputs.length} names for ${forest.inputs} inputs`);
  return new ProtobufWriter()
    .integer(modelField.irVersion, irVersion)
    .string(modelField.producerName, 'penstock')
    .message(modelField.graph, graphOf(forest))
    .message(modelField.opsetImport, new ProtobufWriter().string(1, mlDomain).integer(2, mlOpset))
    .message(modelField.opsetImport, new ProtobufWriter().string(1, '').integer(2, onnxOpset))
    .message(modelField.metadata, new ProtobufWriter().string(1, 'inputs').string(2, JSON.stringify(inputs)))
    .finish();
}

function graphOf(forest: Forest): ProtobufWriter {
  const graph = new ProtobufWriter()
    .message(graphField.node, nodeOf(forest))
    .string(graphField.name, 'forest')
    .message(graphField.input, tensorOf('features', elementType.float32, ['N', forest.inputs]));
  if (forest.objective === 'regression')
    return graph.message(graphField.output, tensorOf('value', elementType.float32, ['N', 1]));
  return graph
    .message(graphField.output, tensorOf('label', elementType.int64, ['N']))
    .message(graphField.output, tensorOf('probabilities', elementType.float32, ['N', 2]));
}

/** A ValueInfoProto; a dimension is a number or the name of one that may be any. */
function tensorOf(name: string, element: number, dimensions: readonly (number | string)[]): ProtobufWriter {
  const shape = new ProtobufWriter();
  for (const size of dimensions) {
    const dimension = new ProtobufWriter();
    shape.message(1, typeof size === 'number' ? dimension.integer(1, size) : dimension.string(2, size));
  }
  const tensor = new ProtobufWriter().integer(1, element).message(2, shape);
  return new ProtobufWriter().string(1, name).message(2, new ProtobufWriter().message(1, tensor));
}

function nodeOf(forest: Forest): ProtobufWriter {
  const isClassifier = forest.objective === 'binary';
  const node = new ProtobufWriter().string(nodeField.input, 'features');
  for (const output of isClassifier ? ['label', 'probabilities'] : ['value']) node.string(nodeField.output, output);
  node
    .string(nodeField.name, 'trees')
    .string(nodeField.opType, isClassifier ? 'TreeEnsembleClassifier' : 'TreeEnsembleRegressor')
    .string(nodeField.domain, mlDomain);
  const { baseValue, trees } = isClassifier ? withNegativeLeaf(forest) : forest;
  for (const attribute of treeAttributes(trees)) node.message(nodeField.attribute, attribute);
  for (const attribute of isClassifier ? classAttributes(trees) : targetAttributes(trees))
    node.message(nodeField.attribute, attribute);
  return node.message(nodeField.attribute, floats('base_values', [baseValue]));
}

/**
 * ONNX Runtime takes the weights of a two-class ensemble for probabilities when none is negative. Where no leaf is, the base
 * value gives 1 to a tree that takes it back.
 */
function withNegativeLeaf(forest: Forest): Pick<Forest, 'baseValue' | 'trees'> {
  if (forest.trees.some((tree) => tree.value.some((value) => value < 0))) return forest;
  const leaf: Tree = {
    input: Int32Array.of(0),
    threshold: Float32Array.of(0),
    missingLeft: Uint8Array.of(0),
    left: Int32Array.of(-1),
    right: Int32Array.of(-1),
    value: Float32Array.of(-1),
  };
  return { baseValue: Math.fround(forest.baseValue + 1), trees: [...forest.trees, leaf] };
}

function treeAttributes(trees: readonly Tree[]): ProtobufWriter[] {
  const nodes = trees.flatMap((tree, treeId) =>
    Array.from(tree.left, (left, node) => ({ tree, treeId, node, isLeaf: left < 0 })),
  );
  return [
    integers(
      'nodes_treeids',
      nodes.map(({ treeId }) => treeId),
    ),
    integers(
      'nodes_nodeids',
      nodes.map(({ node }) => node),
    ),
    integers(
      'nodes_featureids',
      nodes.map(({ tree, node }) => tree.input[node] as number),
    ),
    strings(
      'nodes_modes',
      nodes.map(({ isLeaf }) => (isLeaf ? 'LEAF' : 'BRANCH_LEQ')),
    ),
    floats(
      'nodes_values',
      nodes.map(({ tree, node }) => tree.threshold[node] as number),
    ),
    integers(
      'nodes_truenodeids',
      nodes.map(({ tree, node }) => Math.max(0, tree.left[node] as number)),
    ),
    integers(
      'nodes_falsenodeids',
      nodes.map(({ tree, node }) => Math.max(0, tree.right[node] as number)),
    ),
    integers(
      'nodes_missing_value_tracks_true',
      nodes.map(({ tree, node }) => tree.missingLeft[node] as number),
    ),
  ];
}

/** The one weight of a leaf stands under the id 0, which is how ONNX Runtime and the common converters read two classes with one score. */
function classAttributes(trees: readonly Tree[]): ProtobufWriter[] {
  return [
    integers('classlabels_int64s', [0, 1]),
    ...leafAttributes('class', trees, 0),
    attribute('post_transform', attributeType.string).bytes(attributeField.string, utf8.encode('LOGISTIC')),
  ];
}

function targetAttributes(trees: readonly Tree[]): ProtobufWriter[] {
  return [
    attribute('n_targets', attributeType.integer).integer(attributeField.integer, 1),
    ...leafAttributes('target', trees, 0),
  ];
}

function leafAttributes(prefix: 'class' | 'target', trees: readonly Tree[], id: number): ProtobufWriter[] {
  const leaves = trees.flatMap((tree, treeId) =>
    Array.from(tree.left, (left, node) => ({ treeId, node, isLeaf: left < 0, weight: tree.value[node] as number })).filter(
      ({ isLeaf }) => isLeaf,
    ),
  );
  return [
    integers(
      `${prefix}_treeids`,
      leaves.map(({ treeId }) => treeId),
    ),
    integers(
      `${prefix}_nodeids`,
      leaves.map(({ node }) => node),
    ),
    integers(
      `${prefix}_ids`,
      leaves.map(() => id),
    ),
    floats(
      `${prefix}_weights`,
      leaves.map(({ weight }) => weight),
    ),
  ];
}

function attribute(name: string, type: number): ProtobufWriter {
  return new ProtobufWriter().string(attributeField.name, name).integer(attributeField.type, type);
}

function integers(name: string, values: readonly number[]): ProtobufWriter {
  return attribute(name, attributeType.integers).integers(attributeField.integers, values);
}

function floats(name: string, values: readonly number[]): ProtobufWriter {
  return attribute(name, attributeType.floats).floats(attributeField.floats, values);
}

function strings(name: string, values: readonly string[]): ProtobufWriter {
  const writer = attribute(name, attributeType.strings);
  for (const value of values) writer.bytes(attributeField.strings, utf8.encode(value));
  return writer;
}
