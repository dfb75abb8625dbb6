import { followTopic, openKafka } from '@penstock/kafka';
import { createRandom, systemClock } from '@penstock/kernel';
import { readAddresses } from '../command-line/addresses.ts';
import { defineCommand } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { show, table } from '../command-line/output.ts';

const options = {
  topic: { type: 'string', default: 'penstock.audit', value: 'topic', says: 'where the gateway writes it' },
  subject: { type: 'string', value: 'name', says: 'only what concerns this subject or pipeline' },
  principal: { type: 'string', value: 'name', says: 'only what this principal did' },
} as const;

/** A record of the audit; the gateway may say more. */
interface AuditRecord {
  readonly at: string;
  readonly principal: string;
  readonly peer?: string;
  readonly action: string;
  readonly outcome: string;
  readonly subject?: string;
  readonly version?: number;
  readonly pipeline?: string;
  readonly kek?: string;
  readonly reason?: string;
}

export const audit = defineCommand({
  operands: [],
  options,
  details: ['The gateway stores each change together with this record of it, in one transaction; and what it refused.'],
  async run({ values, output, env, folder, signal }) {
    const records = (await readAll(readAddresses({ env, folder }).kafka, values.topic, signal)).filter(
      ({ subject, pipeline, principal }) =>
        (values.subject === undefined || values.subject === subject || values.subject === pipeline) &&
        (values.principal === undefined || values.principal === principal),
    );
    show(output, { records }, () =>
      table(
        ['AT', 'PRINCIPAL', 'ACTION', 'WHAT', 'OUTCOME', 'REASON'],
        records.map((record) => [
          record.at,
          record.principal,
          record.action,
          `${record.subject ?? record.pipeline ?? record.kek ?? ''}${record.version === undefined ? '' : ` v${record.version}`}`,
          record.outcome,
          record.reason ?? '',
        ]),
      ),
    );
    return exitCode.done;
  },
});

/** All that stands in the topic now, oldest first. */
async function readAll(brokers: string, topic: string, signal: AbortSignal): Promise<readonly AuditRecord[]> {
  await using kafka = openKafka({ brokers: brokers.split(','), driver: 'platformatic', clientId: 'penstock-cli' }, systemClock);
  const closing = new AbortController();
  const records: AuditRecord[] = [];
  await using _following = await followTopic(kafka, {
    topic,
    signal: AbortSignal.any([closing.signal, signal]),
    random: createRandom(Date.now()),
    apply: ({ value }) => void (value !== null && records.push(JSON.parse(new TextDecoder().decode(value)) as AuditRecord)),
    waiting: () => undefined,
  });
  closing.abort();
  return records;
}
