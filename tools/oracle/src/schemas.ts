import { judgeAvro } from './avro/oracle.ts';
import { judgeJson } from './json/oracle.ts';
import { protobufExplanations } from './protobuf/explanations.ts';
import { judgeProtobuf } from './protobuf/oracle.ts';
import type { Verdicts } from './verdicts.ts';

export const formats = ['json', 'protobuf', 'avro'] as const;
export type Format = (typeof formats)[number];

export interface SchemasOptions {
  readonly pairs: number;
  readonly seed: number;
  readonly only: readonly Format[];
  readonly cacheFolder: string;
}

/** Verdicts and parsers of @penstock/schema against those of others, over generated pairs of schemas. */
export async function judgeSchemas({ pairs, seed, only, cacheFolder }: SchemasOptions): Promise<Verdicts[]> {
  return [
    ...(only.includes('json') ? [judgeJson(pairs, seed)] : []),
    ...(only.includes('protobuf') ? await judgeProtobuf(pairs, seed) : []),
    ...(only.includes('avro') ? [await judgeAvro(pairs, seed, cacheFolder)] : []),
  ];
}

/** The table of disagreements, as it stands in the reference. */
export function explanationTable(): string {
  const rows = protobufExplanations.map(({ name, ours, theirs, why }) => `| ${name} | ${ours} | ${theirs} | ${why} |`);
  return ['| | ours | buf | why |', '|---|---|---|---|', ...rows, ''].join('\n');
}
