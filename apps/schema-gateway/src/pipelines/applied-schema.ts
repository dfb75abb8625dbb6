import type { AppliedSchema, Referring } from '@penstock/document';
import type { Registry, SchemaContent } from '@penstock/registry';
import { contractOf } from '@penstock/schema';

/** What is registered or about to be, as documents take it along. Throws `registry.invalid-schema` where a reference leads nowhere. */
export function appliedOf(
  registry: Registry,
  content: Omit<SchemaContent, 'id'>,
  place: Pick<AppliedSchema, 'subject' | 'id' | 'version'>,
): Omit<AppliedSchema, 'message'> {
  const { format, text } = content;
  return { ...place, format, text, ...referringOf(registry, content), ...contractOf(content) };
}

function referringOf(registry: Registry, content: Omit<SchemaContent, 'id'>): Referring {
  const { references } = content;
  if (references.length === 0) return {};
  const imports = [...registry.importsOf(content)].map(([name, text]) => ({ name, text }));
  return { references, imports };
}
