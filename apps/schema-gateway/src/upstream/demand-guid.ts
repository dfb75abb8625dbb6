import { Problem } from '@penstock/kernel';
import { contextOf, guidOf } from '@penstock/registry';
import { notUpstream } from '../problems.ts';
import type { UpstreamContent, UpstreamRegistry, UpstreamVersion } from './upstream-registry.ts';

/**
 * The GUID of a version, by which upstream finds it: who reads a record that names its schema so has nobody else to ask. Throws
 * `gateway.not-upstream` where it does not.
 */
export async function demandGuid(registry: UpstreamRegistry, found: UpstreamVersion): Promise<string> {
  const { subject, version, id } = found;
  const guid = guidFor(found);
  const known = await registry.named(guid, contextOf(subject)).catch(nullIfUnknown);
  if (known?.id === id) return guid;
  throw notUpstream(
    `the registry upstream does not find version ${version} of ${subject} by its GUID ${guid}: records of this subject cannot ` +
      'name their schema in a header; leave out schemaId where they are written',
    { facts: { subject, version, guid } },
  );
}

/** The GUID that Confluent's registry gives the content. */
export function guidFor({ schema, references, metadata, ruleSet }: UpstreamContent): string {
  return guidOf({ text: schema, references: references ?? [], metadata: metadata ?? null, ruleSet: ruleSet ?? null });
}

function nullIfUnknown(thrown: unknown): null {
  if (thrown instanceof Problem && thrown.kind.status === 'NOT_FOUND') return null;
  throw thrown;
}
