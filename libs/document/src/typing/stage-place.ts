import type { Shape } from '@penstock/kernel';
import { parseSchema } from '@penstock/schema';
import { type AppliedSchema, sourceOf } from '../applied.ts';
import { type ParsedDocument, type ParsedStage, partitionsDefault } from '../language/document.ts';
import type { RouteTarget } from '../pipeline-plan.ts';
import type { DocumentPath } from '../reading/places.ts';
import type { Complaints } from './complaints.ts';
import type { SchemaSources } from './schema-sources.ts';

/** What a topic holds, known once a stage that writes it has been typed. */
export interface TypedTopic {
  readonly schema: AppliedSchema;
  readonly shape: Shape;
  /** True where ids are functions of what came in. */
  readonly isIdentified: boolean;
  /** Where that was said first. */
  readonly writer: string;
}

/** A stage to be typed, and all that is known around it. */
export interface StagePlace {
  readonly document: ParsedDocument;
  readonly name: string;
  readonly stage: ParsedStage;
  readonly path: DocumentPath;
  readonly topics: Map<string, TypedTopic>;
  readonly sources: SchemaSources;
  readonly complaints: Complaints;
}

export function targetOf({ topics }: ParsedDocument, topic: string): RouteTarget {
  return { topic, partitions: topics[topic]?.partitions ?? partitionsDefault };
}

export function shapeOf(schema: AppliedSchema): Shape {
  return parseSchema(sourceOf(schema)).shape;
}

type Complain = (place: StagePlace, at: DocumentPath, message: string) => void;

const complaining =
  (code: string): Complain =>
  (place, at, message) =>
    place.complaints.add({ path: [...place.path, ...at], code, message });

/** Something that does not fit what it stands next to. */
export const complain = complaining('document.type');
/** Two ends, or an end and a transform, that do not share a stage. */
export const complainOfMixture = complaining('document.mixture');
export const complainOfMissing = complaining('document.missing');
