import { followTopic, openKafka } from '@penstock/kafka';
import { createRandom, systemClock } from '@penstock/kernel';
import { brokers } from '@penstock/testing';
import type { AuditRecord } from '../audit/audit-record.ts';

/** All that stands in the topic now. */
export async function readAudit(topic: string): Promise<AuditRecord[]> {
  await using kafka = openKafka({ brokers: [brokers().kafka], driver: 'platformatic', clientId: 'penstock-test' }, systemClock);
  const closing = new AbortController();
  const records: AuditRecord[] = [];
  await using _following = await followTopic(kafka, {
    topic,
    signal: closing.signal,
    random: createRandom(1),
    apply: ({ value }) => void (value !== null && records.push(JSON.parse(new TextDecoder().decode(value)) as AuditRecord)),
    waiting: () => undefined,
  });
  closing.abort();
  return records;
}
