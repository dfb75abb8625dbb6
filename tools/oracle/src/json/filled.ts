type Json = Readonly<Record<string, unknown>>;

/** An instance as a reader sees it: a required property that is missing has its default, where the schema names one. */
export function filled(instance: unknown, schema: unknown, root: Json): unknown {
  if (typeof schema !== 'object' || schema === null || typeof instance !== 'object' || instance === null) return instance;
  const own = schema as Json;
  const target =
    String(own['$ref'] ?? '')
      .split('/')
      .at(-1) ?? '';
  if (target !== '') return filled(instance, (root['$defs'] as Json)[target], root);
  if (Array.isArray(instance)) {
    const { items, prefixItems, additionalItems } = own;
    const tuple = (prefixItems ?? (Array.isArray(items) ? items : [])) as unknown[];
    const rest = Array.isArray(items) ? additionalItems : items;
    return instance.map((item, index) => filled(item, tuple[index] ?? rest, root));
  }
  const properties = (own['properties'] ?? {}) as Json;
  const missing = ((own['required'] ?? []) as string[]).filter((name) => !Object.hasOwn(instance, name));
  const defaults = missing.flatMap((name) => {
    const property = properties[name];
    const given = typeof property === 'object' && property !== null && 'default' in property;
    return given ? [[name, (property as Json)['default']]] : [];
  });
  const entries = Object.entries(instance).map(([name, value]) => [
    name,
    filled(value, properties[name] ?? own['additionalProperties'], root),
  ]);
  return Object.fromEntries([...entries, ...defaults]) as unknown;
}
