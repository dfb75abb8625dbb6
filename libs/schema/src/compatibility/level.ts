/** Confluent's compatibility levels. `BACKWARD`: the new schema reads what the last one wrote; `FORWARD` the other way round. */
export const compatibilityLevels = [
  ...(['NONE', 'BACKWARD', 'BACKWARD_TRANSITIVE', 'FORWARD', 'FORWARD_TRANSITIVE', 'FULL', 'FULL_TRANSITIVE'] as const),
] as const;
export type CompatibilityLevel = (typeof compatibilityLevels)[number];

export function isTransitive(level: CompatibilityLevel): boolean {
  return level.endsWith('_TRANSITIVE');
}

export function readsOlder(level: CompatibilityLevel): boolean {
  return level.startsWith('BACKWARD') || level.startsWith('FULL');
}

export function isReadByOlder(level: CompatibilityLevel): boolean {
  return level.startsWith('FORWARD') || level.startsWith('FULL');
}
