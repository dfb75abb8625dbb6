import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cached, copyMavenDependencies, findJava } from '@penstock/brokers';
import type { Pair } from '../pair.ts';

const folder = join(import.meta.dirname, '../..');
const pomFile = join(folder, 'avro.pom.xml');
const source = join(folder, 'AvroChecker.java');
const version = /<avro\.version>(.+)<\/avro\.version>/.exec(readFileSync(pomFile, 'utf8'))?.[1] ?? '';

/**
 * What Apache Avro's own checker says of each pair: COMPATIBLE, INCOMPATIBLE, or INVALID and why. One JVM reads them all. The jars come
 * by Maven once and lie in the cache.
 */
export async function askAvro(pairs: readonly Pair<unknown>[], cacheFolder: string): Promise<string[]> {
  const java = await findJava('the oracle for Avro');
  const libraries = await cached(cacheFolder, `avro-${version}`, (target) => copyMavenDependencies(pomFile, target));
  const classPath = readdirSync(libraries).map((name) => join(libraries, name));
  const classes = await cached(cacheFolder, `avro-checker-${version}`, async (target) => {
    await run(join(dirname(java), 'javac'), ['-cp', classPath.join(':'), '-d', target, source], '');
  });
  const input = pairs.map(({ before, after }) => `${JSON.stringify({ reader: after, writer: before })}\n`).join('');
  const printed = await run(java, ['-Xmx256m', '-cp', [...classPath, classes].join(':'), 'AvroChecker'], input);
  return printed.split('\n').slice(0, pairs.length);
}

/** Runs a program on an input to its end. */
async function run(file: string, args: readonly string[], input: string): Promise<string> {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', reject);
  child.once('close', (code) => resolve(code ?? 1));
  child.stdin.end(input);
  let printed = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) printed += String(chunk);
  const code = await promise;
  if (code !== 0) throw new Error(`${file} ended with code ${code}`);
  return printed;
}
