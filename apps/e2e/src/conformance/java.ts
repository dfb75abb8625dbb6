import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cached, cacheFolder, copyMavenDependencies, findJava } from '@penstock/brokers';
import { type Check, checksOf, type ProgramCheck } from './check.ts';
import { runProgram } from './run-program.ts';

const folder = join(import.meta.dirname, '../../java');
const pomFile = join(folder, 'pom.xml');
const source = join(folder, 'SpringClient.java');

export interface JavaClient {
  readonly java: string;
  readonly classPath: string;
}

/** Fetches Spring's client and compiles the program, once. */
export async function fetchJava(): Promise<JavaClient> {
  const java = await findJava('the conformance of clients for Java');
  const wanted = createHash('sha256').update(readFileSync(pomFile)).update(readFileSync(source)).digest('hex');
  const built = await cached(cacheFolder, `java-registry-${wanted.slice(0, 12)}`, async (target) => {
    await copyMavenDependencies(pomFile, join(target, 'jars'));
    await runProgram({ file: join(dirname(java), 'javac'), args: ['-cp', join(target, 'jars/*'), '-d', target, source] });
  });
  return { java, classPath: `${built}:${join(built, 'jars/*')}` };
}

/** Spring's client of Confluent's registry: what it asks. It has no codec that would not need Spring's messages. */
export async function checkJava({ java, classPath }: JavaClient, url: string, subject: string): Promise<Check[]> {
  const args = ['-Xmx128m', '-cp', classPath, 'SpringClient', url, subject];
  const printed = await runProgram({ file: java, args, timeoutMs: 60_000 });
  const { checks } = JSON.parse(printed.trim().split('\n').at(-1) ?? '') as { checks: readonly ProgramCheck[] };
  return checksOf('Java, spring-cloud-stream-schema', checks);
}
