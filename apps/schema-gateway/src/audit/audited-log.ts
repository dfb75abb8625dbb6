import type { Clock } from '@penstock/kernel';
import { type Caller, currentCaller } from '../access/caller.ts';
import { denied } from '../access/problems.ts';
import type { GatewayLog } from '../log/gateway-log.ts';
import type { State } from '../log/state.ts';
import type { Decide, Decision } from '../log/writer.ts';
import { auditRecord, changeOf } from './audit-record.ts';

/** The same log; each change brings the records of the audit along, in its own transaction: there is no change without them. */
export function auditedLog(log: GatewayLog, clock: Clock): GatewayLog {
  const change: GatewayLog['change'] = (decide, signal) => log.change(audited(decide, currentCaller(), clock), signal);
  return Object.create(log, { change: { value: change } }) as GatewayLog;
}

function audited<Answer>(decide: Decide<Answer>, caller: Caller | null, clock: Clock): Decide<Answer> {
  return (ahead) => {
    const decision = decide(ahead);
    permit(decision, ahead, caller);
    const atMs = clock.nowMs();
    const records = decision.records.flatMap((record) => {
      const what = changeOf(record, ahead);
      return what === null ? [] : [auditRecord(what, { atMs, caller, outcome: 'done', reason: decision.reason ?? null })];
    });
    return { ...decision, records: [...decision.records, ...records] };
  };
}

/** Which schemas a document registers is known only now. What follows from a schema for pipelines needs no right of its own. */
function permit({ records }: Decision<unknown>, ahead: State, caller: Caller | null): void {
  const grants = caller?.grants ?? null;
  if (grants === null || caller?.appliesDocument !== true) return;
  for (const record of records) {
    const what = changeOf(record, ahead);
    if (what?.action !== 'schema.register' || grants.may('register', what.subject ?? '')) continue;
    throw denied(
      `User is denied operation: the document registers a schema for ${what.subject}, which ${caller.principal} may not`,
      {
        facts: { subject: what.subject ?? '' },
      },
    );
  }
}
