import type { Verdict } from '@penstock/registry';
import type { Break } from '../pipelines/guard.ts';

/** All that speaks against a schema, in one line. */
export function describeIncompatibilities({ level, incompatibilities }: Verdict): string {
  const reasons = incompatibilities.map(
    ({ version, type, path, message }) => `version ${version}: ${type} at ${path}: ${message}`,
  );
  return `${reasons.join('; ')} (compatibility ${level})`;
}

/** Each reason once, though several places of a stage may give it. */
export function describeBreaks(breaks: readonly Break[]): string {
  return [...new Set(breaks.map(describeBreak))].join('; ');
}

/** `rooms › preprocess › co2Ppm: there is no field co2Ppm`. */
export function describeBreak({ pipeline, stage, field, message }: Break): string {
  return `${[pipeline, stage, field].filter((part) => part !== '').join(' › ')}: ${message}`;
}
