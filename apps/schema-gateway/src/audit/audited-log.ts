import type { Clock } from '@penstock/kernel';
import { asCaller, type Caller, currentCaller } from '../access/caller.ts';
import { permitSubjects } from '../access/permit-subjects.ts';
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

/** Decided anew, a document may come to register what it did not before. What follows from a schema needs no right of its own. */
function permit({ records }: Decision<unknown>, ahead: State, caller: Caller | null): void {
  if (caller?.appliesDocument !== true) return;
  const changes = records.map((record) => changeOf(record, ahead));
  asCaller(caller, () =>
    permitSubjects(changes.flatMap((what) => (what?.action === 'schema.register' ? [what.subject ?? ''] : []))),
  );
}
