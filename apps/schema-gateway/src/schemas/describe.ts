import type { Registry, Verdict } from '@penstock/registry';
import type { Break } from '../pipelines/guard.ts';

/** All that speaks against a schema, in one line. */
export function describeIncompatibilities({ level, incompatibilities }: Verdict): string {
  const reasons = incompatibilities.map(
    ({ version, type, path, message }) => `version ${version}: ${type} at ${path}: ${message}`,
  );
  return `${reasons.join('; ')} (compatibility ${level})`;
}

/** As `describeIncompatibilities`, and with what was compared: as Confluent's registry says it. */
export function describeComparison(registry: Registry, subject: string, verdict: Verdict): string {
  return [describeIncompatibilities(verdict), ...comparedWith(registry, subject, verdict)].join(', ');
}

const textLengthMax = 1_000;

/** The versions that speak against a schema, with the beginning of their texts, and the level. */
export function comparedWith(registry: Registry, subject: string, { level, incompatibilities }: Verdict): string[] {
  const old = [...new Set(incompatibilities.map(({ version }) => version))].flatMap((version) => {
    const text = registry.version(subject, version)?.content.text ?? '';
    const shown = text.length > textLengthMax ? `<truncated> '${text.slice(0, textLengthMax)}...'` : `'${text}'`;
    return [`{oldSchemaVersion: ${version}}`, `{oldSchema: ${shown}}`];
  });
  return [...old, `{compatibility: '${level}'}`];
}

/** Each reason once, though several places of a stage may give it. */
export function describeBreaks(breaks: readonly Break[]): string {
  return [...new Set(breaks.map(describeBreak))].join('; ');
}

/** `rooms › preprocess › co2Ppm: there is no field co2Ppm`. */
export function describeBreak({ pipeline, stage, field, message }: Break): string {
  return `${[pipeline, stage, field].filter((part) => part !== '').join(' › ')}: ${message}`;
}
