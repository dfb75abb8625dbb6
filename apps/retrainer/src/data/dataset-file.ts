import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lostFile } from '../problems.ts';
import { type Dataset, hashOfRows } from './dataset.ts';

/** What stands before the numbers: a line of JSON. */
interface Head {
  readonly rows: number;
  readonly inputs: readonly string[];
  /** Each key once; the rows name them by number. */
  readonly keys: readonly string[];
  readonly unlabelled: number;
}

/**
 * Materialises a dataset under its hash, so that the steps of a run read the same rows, and the same dataset is stored once.
 * A line of JSON, then columns of little-endian float64: inputs, labels, times, keys.
 */
export async function writeDataset(folder: string, dataset: Dataset): Promise<void> {
  const { rows, inputs, unlabelled, columns, labels, timesMs } = dataset;
  const keys = [...new Set(dataset.keys)];
  const numberOf = new Map(keys.map((key, index) => [key, index]));
  const keyColumn = Float64Array.from(dataset.keys, (key) => numberOf.get(key) as number);
  const head: Head = { rows, inputs, keys, unlabelled };
  const parts = [...columns, labels, timesMs, keyColumn].map((column) =>
    Buffer.from(column.buffer, column.byteOffset, column.byteLength),
  );
  await writeWhole(folder, nameOf(dataset.sha256), Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...parts]));
}

/** Reads a dataset back and checks that it is the one that its name says. Throws `retrain.lost-file`. */
export async function readDatasetFile(folder: string, sha256: string): Promise<Dataset> {
  const bytes = await readWhole(folder, nameOf(sha256));
  const start = bytes.indexOf('\n') + 1;
  const head = JSON.parse(bytes.toString('utf8', 0, start)) as Head;
  const column = (index: number): Float64Array => {
    const from = start + index * head.rows * 8;
    return new Float64Array(Uint8Array.prototype.slice.call(bytes, from, from + head.rows * 8).buffer);
  };
  const inputs = head.inputs.length;
  const rows = {
    inputs: head.inputs,
    columns: head.inputs.map((_, input) => column(input)),
    labels: column(inputs),
    timesMs: column(inputs + 1),
    keys: Array.from(column(inputs + 2), (key) => head.keys[key] as string),
  };
  if (hashOfRows(rows) !== sha256) throw lostFile(`${join(folder, nameOf(sha256))}: its rows do not have the hash of its name`);
  return { ...rows, rows: head.rows, unlabelled: head.unlabelled, trainedUntilMs: rows.timesMs.at(-1) ?? 0, sha256 };
}

function nameOf(sha256: string): string {
  return `${sha256}.dataset`;
}

/** Stores a file whole or not at all. */
export async function writeWhole(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  const unfinished = `${path}.${process.pid}.unfinished`;
  await writeFile(unfinished, bytes, { flush: true });
  await rename(unfinished, path);
}

/** Throws `retrain.lost-file` when it is not there. */
export async function readWhole(folder: string, name: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, name));
  } catch (cause) {
    throw lostFile(`${join(folder, name)}: a step of this run left it there, and it is gone; start the run anew`, { cause });
  }
}

/** Leaves the newest files of a folder, and takes the others away. */
export async function keepNewestFiles(folder: string, filesMax: number): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const aged = await Promise.all(names.map(async (name) => ({ name, atMs: (await stat(join(folder, name))).mtimeMs })));
  aged.sort((left, right) => right.atMs - left.atMs);
  await Promise.all(aged.slice(filesMax).map(({ name }) => rm(join(folder, name), { force: true })));
}
