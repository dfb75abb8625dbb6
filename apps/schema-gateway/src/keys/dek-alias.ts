import { contextOf, defaultContext, type Registry, subjectNamed } from '@penstock/registry';

/** The subject whose keys are meant: an alias for them goes before that of the schemas. */
export function dekSubjectNamed(registry: Registry, name: string): string {
  const alias = registry.configs.get(name)?.aliasForDeks ?? '';
  if (alias === '') return subjectNamed(registry, name);
  const context = contextOf(name);
  return alias.startsWith(':.') || context === defaultContext ? alias : `:${context}:${alias}`;
}
