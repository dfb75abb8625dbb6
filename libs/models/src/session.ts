import { messageOf } from '@penstock/kernel';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { misshapen, refused, runFailed } from './problems.ts';
import { type ModelKind, readSignature, type Signature } from './signature.ts';

/** What a model says about rows, in their order. */
export interface Answer {
  /** The predicted class, or the predicted value. */
  readonly labels: Float64Array;
  /** The probability of class 1; the value again for a regression. */
  readonly scores: Float64Array;
}

/** One model in ONNX Runtime. `run` blocks its thread. */
export interface Session {
  readonly signature: Signature;
  /** Known after its first answer. */
  readonly kind: ModelKind;
  run(features: Float32Array, rows: number): Promise<Answer>;
  release(): Promise<void>;
}

/** One thread for each session, and memory that goes back when a run ends: many small sessions live side by side. */
const options: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  enableCpuMemArena: false,
  enableMemPattern: false,
  // What goes wrong is thrown as well; the runtime's own lines would only stand beside it.
  logSeverityLevel: 4,
};

/** Opens a model and lets it answer once, so that one that cannot serve is known before anybody asks. */
export async function openSession(bytes: Uint8Array, inputs: number): Promise<Session> {
  const inference = await create(bytes);
  const signature = readSignature(inference, inputs);
  try {
    if (typeof signature === 'string') throw refused(`the model ${signature}`);
    const session = createSession(inference, signature);
    return { ...session, kind: await probe(session) };
  } catch (thrown) {
    await inference.release();
    throw thrown;
  }
}

async function create(bytes: Uint8Array): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, options);
  } catch (cause) {
    throw refused(`the model cannot be loaded: ${messageOf(cause)}`, { cause });
  }
}

function createSession(inference: InferenceSession, signature: Signature): Omit<Session, 'kind'> {
  const { input, inputs, label, score } = signature;
  const fetches = label === null ? [score] : [label, score];
  return {
    signature,
    async run(features, rows) {
      const feeds = { [input]: new Tensor('float32', features, [rows, inputs]) };
      let results: InferenceSession.ReturnType;
      try {
        results = await inference.run(feeds, fetches);
      } catch (cause) {
        throw runFailed(`the model could not answer ${rows} rows: ${messageOf(cause)}`, { cause });
      }
      return readAnswer(results[score] as Tensor, label === null ? null : (results[label] as Tensor), rows);
    },
    release: () => inference.release(),
  };
}

function readAnswer(score: Tensor, label: Tensor | null, rows: number): Answer {
  const values = score.data as Float32Array | Float64Array;
  const width = values.length / rows;
  if (width !== 1 && width !== 2)
    throw refused(`the model answers ${width} scores a row, expected 1 or the probabilities of two classes`);
  const scores = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) scores[row] = values[row * width + width - 1] as number;
  if (label !== null) return { labels: Float64Array.from(label.data as BigInt64Array | Int32Array, Number), scores };
  return { labels: width === 1 ? scores : scores.map((probability) => (probability > 0.5 ? 1 : 0)), scores };
}

/** Zeros are a fair question to any model of numbers. */
async function probe({ signature, run }: Omit<Session, 'kind'>): Promise<ModelKind> {
  const rows = 2;
  let answer: Answer;
  try {
    answer = await run(new Float32Array(rows * signature.inputs), rows);
  } catch (cause) {
    throw refused(`the model fails on a first question: ${messageOf(cause)}`, { cause });
  }
  const { labels, scores } = answer;
  if (labels.length !== rows || !scores.every(Number.isFinite)) throw refused('the model answers no numbers to a first question');
  if (signature.label !== null && !scores.every((score) => score >= 0 && score <= 1))
    throw refused(`the model answers the score ${scores[0]} beside a class, expected a probability`);
  return labels === scores ? 'value' : 'class';
}

/** Throws unless the values make up the rows. */
export function checkRows(features: Float32Array, rows: number, inputs: number): void {
  if (Number.isInteger(rows) && rows > 0 && features.length === rows * inputs) return;
  throw misshapen(`${features.length} values are not ${rows} rows of ${inputs} inputs`);
}
