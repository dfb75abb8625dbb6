/** How a data key encrypts: two that never give the same bytes twice, and one that always does, so that what it hides can be joined. */
export type DekAlgorithm = 'AES128_GCM' | 'AES256_GCM' | 'AES256_SIV';

export const dekAlgorithms: readonly DekAlgorithm[] = ['AES128_GCM', 'AES256_GCM', 'AES256_SIV'];

export function isDekAlgorithm(name: unknown): name is DekAlgorithm {
  return dekAlgorithms.some((algorithm) => algorithm === name);
}

/** AES-SIV takes two keys of 256 bits. */
export const keyBytes: Readonly<Record<DekAlgorithm, number>> = { AES128_GCM: 16, AES256_GCM: 32, AES256_SIV: 64 };
