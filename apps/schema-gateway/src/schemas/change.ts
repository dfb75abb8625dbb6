import type { Facts } from '@penstock/kernel';
import {
  type ConfigChange,
  clearedBy,
  decideConfig,
  decideConfigRemoval,
  decideContextDeletion,
  decideMode,
  decideModeRemoval,
  decideSubjectDeletion,
  decideVersionDeletion,
  type ModeChange,
  type RegistryRecord,
  registryProblems,
  type StoredVersion,
} from '@penstock/registry';
import type { Gateway } from '../gateway.ts';
import { schemaRecords } from '../log/records.ts';
import type { State } from '../log/state.ts';
import { appliedPipelines } from '../pipelines/facts.ts';

export async function deleteVersion(
  gateway: Gateway,
  { permanent, ...name }: { subject: string; version: number; permanent: boolean },
  signal: AbortSignal,
): Promise<void> {
  const decide = (state: State): RegistryRecord[] => {
    const stored = state.registry.version(name.subject, name.version);
    if (permanent && stored !== undefined) refuseUsed(state, [stored]);
    return decideVersionDeletion(state.registry, name, permanent);
  };
  await gateway.log.change((ahead) => ({ records: schemaRecords(decide(ahead)), answer: null }), signal);
  gateway.tell('schema.deleted', { ...name, permanent });
}

export async function deleteSubject(
  gateway: Gateway,
  { subject, permanent }: { subject: string; permanent: boolean },
  signal: AbortSignal,
): Promise<number[]> {
  const deleted = await gateway.log.change((ahead) => {
    if (permanent) refuseUsed(ahead, ahead.registry.versions(subject));
    const { records, versions } = decideSubjectDeletion(ahead.registry, subject, permanent);
    return { records: schemaRecords(records), answer: versions };
  }, signal);
  gateway.tell('schema.subject-deleted', { subject, permanent, versions: deleted.join(', ') });
  return deleted;
}

/** Records on the topics of a deployed pipeline are read by these ids. */
function refuseUsed(state: State, versions: readonly StoredVersion[]): void {
  for (const { pipeline, schemas } of appliedPipelines(state)) {
    const used = versions.find(({ subject, version }) => schemas[subject]?.version === version);
    if (used === undefined) continue;
    const { subject, version } = used;
    throw registryProblems.referenced(
      `One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=${subject},version=${version}}: pipeline ${pipeline} is deployed with it.`,
      {
        facts: { subject, version, pipeline },
      },
    );
  }
}

export function setConfig(
  gateway: Gateway,
  { subject, ...change }: { subject: string } & ConfigChange,
  signal: AbortSignal,
): Promise<void> {
  const facts = Object.entries(change).filter(([, value]) => value !== undefined);
  const told = { subject, ...Object.fromEntries(facts.map(([name, value]) => [name, factOf(value)])) };
  return write(gateway, {
    event: 'schema.config-set',
    told,
    signal,
    decide: ({ registry }) => decideConfig(registry, subject, change),
  });
}

function factOf(value: unknown): string | number | boolean {
  return typeof value === 'string' || typeof value === 'boolean' ? value : JSON.stringify(value);
}

export function deleteConfig(gateway: Gateway, subject: string, signal: AbortSignal): Promise<void> {
  const decide = ({ registry }: State): RegistryRecord[] => decideConfigRemoval(registry, subject);
  return write(gateway, { event: 'schema.config-deleted', told: { subject }, signal, decide });
}

export function setMode(
  gateway: Gateway,
  { subject, mode, force }: { subject: string } & ModeChange,
  signal: AbortSignal,
): Promise<void> {
  const decide = (state: State): RegistryRecord[] => {
    const records = decideMode(state.registry, subject, { mode, force });
    // Importing begins with what was deleted gone for good.
    if (mode !== null && records.length > 1) refuseUsed(state, clearedBy(state.registry, subject));
    return records;
  };
  return write(gateway, { event: 'schema.mode-set', told: { subject, mode: mode ?? '' }, signal, decide });
}

/** Of a context with `recursive` those of its subjects as well. */
export function deleteMode(
  gateway: Gateway,
  { subject, recursive = false }: { subject: string; recursive?: boolean },
  signal: AbortSignal,
): Promise<void> {
  const decide = ({ registry }: State): RegistryRecord[] => decideModeRemoval(registry, subject, recursive);
  return write(gateway, { event: 'schema.mode-deleted', told: { subject }, signal, decide });
}

/** Forgets a context that holds no subjects. */
export function deleteContext(gateway: Gateway, context: string, signal: AbortSignal): Promise<void> {
  const decide = ({ registry }: State): RegistryRecord[] => decideContextDeletion(registry, context);
  return write(gateway, { event: 'schema.context-deleted', told: { context }, signal, decide });
}

interface Writing {
  readonly event: string;
  readonly told: Facts;
  readonly signal: AbortSignal;
  decide(state: State): RegistryRecord[];
}

async function write({ log, tell }: Gateway, { event, told, signal, decide }: Writing): Promise<void> {
  await log.change((ahead) => ({ records: schemaRecords(decide(ahead)), answer: null }), signal);
  tell(event, told);
}
