import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { Pair } from '../pair.ts';

const buf = join(import.meta.dirname, '../../../../node_modules/.bin/buf');
const config = '{"version":"v2","breaking":{"use":["WIRE"]}}';

/** What buf says of many files at once; a file is named after its index. */
export interface BufReport {
  /** Rules that a change breaks, by the index of its pair. */
  readonly broken: ReadonlyMap<number, readonly string[]>;
  readonly before: readonly FileDescriptorProto[];
  readonly after: readonly FileDescriptorProto[];
}

export function fileName(index: number): string {
  return `p${index}.proto`;
}

/** One image of all files before, one of all files after, and one comparison by the rules for the wire. */
export async function askBuf(texts: readonly Pair<string>[]): Promise<BufReport> {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-oracle-'));
  try {
    const build = async (side: 'before' | 'after'): Promise<FileDescriptorProto[]> => {
      const source = join(folder, side);
      mkdirSync(source);
      for (const [index, pair] of texts.entries()) writeFileSync(join(source, fileName(index)), pair[side]);
      writeFileSync(join(source, 'buf.yaml'), config);
      await run(source, ['build', '.', '-o', `../${side}.binpb`, '--exclude-source-info']);
      const { file } = fromBinary(FileDescriptorSetSchema, readFileSync(join(folder, `${side}.binpb`)));
      const byName = new Map(file.map((each) => [each.name, each]));
      return texts.map((_, index) => byName.get(fileName(index)) as FileDescriptorProto);
    };
    const [before, after] = [await build('before'), await build('after')];
    const arguments_ = ['breaking', 'after.binpb', '--against', 'before.binpb', '--config', config, '--error-format', 'json'];
    return { broken: parseReport(await run(folder, arguments_)), before, after };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function parseReport(printed: string): Map<number, string[]> {
  const broken = new Map<number, string[]>();
  for (const line of printed.split('\n').filter(Boolean)) {
    const { path, type, message } = JSON.parse(line) as { path?: string; type: string; message: string };
    // What is gone altogether has no place in the new file: the message names the file.
    const index = Number(/p(\d+)\.proto/.exec(path ?? message)?.[1] ?? Number.NaN);
    broken.set(index, [...(broken.get(index) ?? []), type]);
  }
  return broken;
}

/** Code 100 says of a comparison that something is broken. */
async function run(cwd: string, args: readonly string[]): Promise<string> {
  const child = spawn(buf, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', reject);
  child.once('close', (code) => resolve(code ?? 1));
  const [printed, complaints] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  const code = await promise;
  if (code !== 0 && !(code === 100 && args[0] === 'breaking'))
    throw new Error(`buf ${args.join(' ')} ended with code ${code}: ${(complaints || printed).slice(0, 1_000)}`);
  return printed;
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
