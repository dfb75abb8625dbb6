import { globSync } from 'node:fs';

export interface Selection {
  /** Unit, property, simulation and integration tests: they share brokers and run side by side. */
  readonly calm: readonly string[];
  /** Tests that kill and freeze: one after the other. */
  readonly faults: readonly string[];
  readonly needsBrokers: boolean;
}

/** Test files below `root` whose path matches any of the patterns (all of them when there is no pattern), sorted. */
export function selectTests(root: string, patterns: readonly string[]): Selection {
  const files = globSync('{apps,libs,tools}/**/*.test.ts', { cwd: root, exclude: ['**/node_modules'] });
  return sortOut(files, patterns);
}

export function sortOut(files: readonly string[], patterns: readonly string[]): Selection {
  const expressions = patterns.map((pattern) => new RegExp(pattern));
  const wanted = files.filter((file) => expressions.length === 0 || expressions.some((expression) => expression.test(file)));
  const isFault = (file: string): boolean => file.endsWith('.fault.test.ts');
  return {
    calm: wanted.filter((file) => !isFault(file)).sort(),
    faults: wanted.filter(isFault).sort(),
    needsBrokers: wanted.some((file) => /\.(integration|fault)\.test\.ts$/.test(file)),
  };
}
