import { configOf, type Draft, readDraft, registryProblems } from '@penstock/registry';
import { notingRefusal } from '../audit/note-refusal.ts';
import { appliedOf } from '../pipelines/applied-schema.ts';
import { appliedPipelines, modelInputs } from '../pipelines/facts.ts';
import { type Break, consequencesOf } from '../pipelines/guard.ts';
import { breaksPipelines } from '../problems.ts';
import { describeBreaks } from '../schemas/describe.ts';
import { type FrontGateway, isUsed, UpstreamState, usedSubjects } from './upstream-state.ts';

/** What deployed pipelines would not find any more with a schema. None for one that is registered. Throws what is wrong with it. */
export async function breaksOf(front: FrontGateway, subject: string, draft: Draft): Promise<readonly Break[]> {
  if (!isUsed(front, subject) || (await front.registry.find(subject, draft)) !== null) return [];
  const known = new UpstreamState(front);
  await Promise.all([known.load(usedSubjects(front, subject)), known.loadReferences(draft.references ?? [])]);
  const candidate = readDraft(known.state.registry, subject, draft);
  const proposed = appliedOf(known.state.registry, candidate.content, { subject, id: 0, version: 0 });
  return consequencesOf(known.state, proposed, modelInputs(front.gateway.catalogue)).flatMap(({ breaks }) => breaks);
}

export function isGuarded({ gateway }: FrontGateway, subject: string): boolean {
  return configOf(gateway.log.state.registry, subject).guard;
}

export interface Proposed {
  readonly draft: Draft;
  /** A question only: that it was refused is nothing to note. */
  readonly dryRun: boolean;
}

/** Throws `gateway.breaks-pipelines`. */
export async function refuseBreaking(front: FrontGateway, subject: string, { draft, dryRun }: Proposed): Promise<void> {
  if (!isGuarded(front, subject)) return;
  const refuse = (): Promise<void> => refuseIfBreaking(front, subject, draft);
  await (dryRun ? refuse() : notingRefusal(front.gateway, subject, refuse));
}

async function refuseIfBreaking(front: FrontGateway, subject: string, draft: Draft): Promise<void> {
  const breaks = await breaksOf(front, subject, draft);
  if (breaks.length === 0) return;
  throw breaksPipelines(
    `Schema being registered for subject "${subject}" would break what is deployed: ${describeBreaks(breaks)}`,
    { facts: { subject, breaks: breaks.length } },
  );
}

/** Records on the topics of a deployed pipeline are read by these ids. Throws `registry.referenced`. */
export function refuseDeletion({ gateway }: FrontGateway, subject: string, version: number | null): void {
  for (const { pipeline, schemas } of appliedPipelines(gateway.log.state)) {
    const used = schemas[subject];
    if (used === undefined || (version !== null && used.version !== version)) continue;
    throw registryProblems.referenced(
      `One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=${subject},version=${used.version}}: pipeline ${pipeline} is deployed with it.`,
      { facts: { subject, version: used.version, pipeline } },
    );
  }
}
