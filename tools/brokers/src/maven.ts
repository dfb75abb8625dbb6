import { join } from 'node:path';
import { findProgram, runProgram } from './run-program.ts';

const javaVersionMin = 17;

/** A Java new enough for `wanter`, from JAVA_HOME or the PATH. */
export async function findJava(wanter: string): Promise<string> {
  const home = process.env['JAVA_HOME'];
  const java = home ? join(home, 'bin/java') : findProgram('java');
  if (java === null) throw new Error(`${wanter} needs Java ${javaVersionMin} or newer: install a JRE or set JAVA_HOME`);
  const printed = await runProgram({ file: java, args: ['-version'] });
  const version = Number(/version "(\d+)/.exec(printed)?.[1] ?? 0);
  if (version < javaVersionMin) {
    throw new Error(`${wanter} needs Java ${javaVersionMin} or newer, ${java} is ${version}: install one or set JAVA_HOME`);
  }
  return java;
}

/** Copies the jars that a pom names, and those that they need, into `folder`. */
export async function copyMavenDependencies(pomFile: string, folder: string): Promise<void> {
  const maven = findProgram('mvn');
  if (maven === null) throw new Error('mvn is not on the PATH and fetches what runs on Java: install Apache Maven');
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
  await runProgram({ file: maven, args: ['-B', '-q', '-f', pomFile, ...goal] });
}
