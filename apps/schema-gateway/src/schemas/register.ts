import type { AppliedSchema } from '@penstock/document';
import {
  configOf,
  type Draft,
  DraftReading,
  decideRegistration,
  fillDraft,
  type Import,
  readDraft,
  registryProblems,
} from '@penstock/registry';
import { notingRefusal } from '../audit/note-refusal.ts';
import type { Gateway } from '../gateway.ts';
import { withKmsDefaults } from '../keys/kms-defaults.ts';
import { fold, type LogRecord, schemaRecords } from '../log/records.ts';
import { State } from '../log/state.ts';
import type { Decision } from '../log/writer.ts';
import { appliedOf } from '../pipelines/applied-schema.ts';
import { modelInputs } from '../pipelines/facts.ts';
import { type Consequence, consequencesOf } from '../pipelines/guard.ts';
import { replan } from '../pipelines/replan.ts';
import { breaksPipelines } from '../problems.ts';
import { describeBreaks, describeComparison } from './describe.ts';

export interface Registering {
  readonly subject: string;
  readonly draft: Draft;
  /** An id that is given, where schemas are imported. */
  readonly given: Import | null;
  readonly dryRun: boolean;
  /** It is taken whatever was before it; what pipelines need of it is looked at all the same. */
  readonly force?: boolean;
  /** Why a version is wanted although it breaks pipelines; null: it is not. */
  readonly overrideReason: string | null;
}

export interface Registered {
  readonly id: number;
  readonly version: number;
  /** Pipelines that were planned anew. */
  readonly replanned: readonly string[];
  readonly isNew: boolean;
}

/**
 * Registers a schema, together with what follows from it for deployed pipelines, in one transaction. Throws `registry.incompatible`,
 * `registry.no-verdict`, `gateway.breaks-pipelines` and what else is wrong with it.
 */
export function register(gateway: Gateway, asked: Registering, signal: AbortSignal): Promise<Registered> {
  const wanted = { ...asked, draft: { ...withKmsDefaults(asked.draft), reading: new DraftReading() } };
  if (wanted.dryRun) return take(gateway, wanted, signal);
  return notingRefusal(gateway, wanted.subject, () => take(gateway, wanted, signal));
}

async function take(gateway: Gateway, wanted: Registering, signal: AbortSignal): Promise<Registered> {
  const { log, tell } = gateway;
  // What stands already is most of what is asked for, and needs no turn in the queue.
  const known = decide(gateway, log.state, wanted);
  if (known.records.length === 0 || wanted.dryRun) return known.answer;
  const registered = await log.change((ahead) => decide(gateway, ahead, wanted), signal);
  const { subject, overrideReason } = wanted;
  const { id, version, replanned, isNew } = registered;
  if (isNew) {
    const reason = overrideReason === null ? {} : { overrideReason };
    tell('schema.registered', { subject, id, version, replanned: replanned.join(', '), ...reason });
  }
  return registered;
}

function decide(gateway: Gateway, ahead: State, wanted: Registering): Decision<Registered> {
  const { subject, draft, given, force = false } = wanted;
  const candidate = readDraft(ahead.registry, subject, fillDraft(ahead.registry, subject, draft));
  const { id, version, records, verdict } = decideRegistration(ahead.registry, subject, { candidate, given });
  if (records.length === 0) return { records: [], answer: { id, version, replanned: [], isNew: false } };
  if (!force && verdict !== null && verdict.incompatibilities.length > 0) {
    throw registryProblems.incompatible(
      `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${describeComparison(ahead.registry, subject, verdict)}]`,
      { facts: { subject, incompatibilities: verdict.incompatibilities.length } },
    );
  }
  const own = schemaRecords(records);
  const followed = follow(gateway, ahead, {
    wanted,
    own,
    proposed: appliedOf(ahead.registry, candidate.content, { subject, id, version }),
  });
  return {
    records: [...own, ...followed.records],
    answer: { id, version, replanned: followed.replanned, isNew: true },
    reason: wanted.overrideReason,
  };
}

interface Following {
  readonly wanted: Registering;
  readonly own: readonly LogRecord[];
  readonly proposed: Omit<AppliedSchema, 'message'>;
}

/** What deployed pipelines have to do about it. Throws `gateway.breaks-pipelines`. */
function follow(
  { catalogue, clock }: Gateway,
  ahead: State,
  { wanted, own, proposed }: Following,
): { records: LogRecord[]; replanned: string[] } {
  const consequences = consequencesOf(ahead, proposed, modelInputs(catalogue));
  if (consequences.length === 0) return { records: [], replanned: [] };
  refuseBreaking(ahead, wanted, consequences);
  const layer = new State(ahead);
  for (const record of own) fold(layer, record);
  const records: LogRecord[] = [];
  const replanned: string[] = [];
  for (const consequence of consequences) {
    const after = consequence.breaks.length > 0 ? null : replan(layer, consequence, clock.nowMs());
    if (after === null) continue;
    records.push(...after.records);
    replanned.push(after.applied.pipeline);
  }
  return { records, replanned };
}

function refuseBreaking(ahead: State, { subject, overrideReason }: Registering, consequences: readonly Consequence[]): void {
  const breaks = consequences.flatMap((consequence) => consequence.breaks);
  if (breaks.length === 0 || overrideReason !== null || !configOf(ahead.registry, subject).guard) return;
  throw breaksPipelines(
    `Schema being registered for subject "${subject}" would break what is deployed: ${describeBreaks(breaks)}`,
    {
      facts: { subject, breaks: breaks.length },
    },
  );
}
