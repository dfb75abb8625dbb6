import type { Catalogue, DriftReferenceEntry, ModelVersion } from '@penstock/catalogue';
import type { ResumeAt } from '../data/read-dataset.ts';
import type { DayReference } from './reference.ts';

/** What is kept beside a version for whoever watches it. */
export interface VersionReference {
  /** What ordinary days look like to it; null: there were too few. */
  readonly days: DayReference | null;
  /** Where rows begin that it has not been trained on. */
  readonly resume: readonly ResumeAt[];
}

/** Null for a version that was brought along. */
export function readVersionReference(
  catalogue: Catalogue,
  version: Pick<ModelVersion, 'model' | 'version'>,
): VersionReference | null {
  const entry = catalogue.reference(version);
  return entry === null ? null : (entry.reference as unknown as VersionReference);
}

export function versionReferenceOf(
  { model, version }: Pick<ModelVersion, 'model' | 'version'>,
  reference: VersionReference,
): DriftReferenceEntry {
  return { model, version, reference: { ...reference } };
}
