import { resolveReferences, type StagePlan } from '@penstock/document';
import { createPostgresEncoder, openPostgresSink, type PostgresSinkContext } from '@penstock/postgres';
import type { EndContext, SinkEnd } from '@penstock/runner';

/** The end of a stage that writes to a table. */
export function openPostgresEnd(
  { pipeline, name, to }: StagePlan,
  { env }: EndContext,
  stored: NonNullable<PostgresSinkContext['stored']>,
): SinkEnd {
  if (to.kind !== 'postgres') throw new TypeError(`stage ${name} writes to no table`);
  const { config, columns } = to;
  const sink = openPostgresSink(resolveReferences(config, env), { pipeline, stage: name, columns, stored });
  return { sink, encoder: createPostgresEncoder(columns) };
}
