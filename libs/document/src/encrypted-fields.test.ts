import { expect, test } from '@jest/globals';
import type { AppliedSchema } from './applied.ts';
import type { CheckFacts } from './check-facts.ts';
import { formatComplaint } from './complaint.ts';
import { checkText } from './testing/rooms.ts';

const visit = `{ "type": "record", "name": "Visit", "fields": [
  { "name": "device", "type": "string" }, { "name": "at", "type": "long" },
  { "name": "owner", "type": "string", "confluent:tags": ["PII"] } ] }`;
const document = (key: string, identity: string, more = ''): string => `pipeline: lab
document: 1
record: { schema: visit.avsc, eventTime: { field: at }, key: '${key}', identity: '${identity}' }
stages:
  ingest:
    from: { mqtt: { url: "mqtt://127.0.0.1", topics: [visits], payload: json } }
    to: { kafka: { topic: lab.visits } }
  pass:
    from: { kafka: { topic: lab.visits } }
    to: { kafka: { topic: lab.passed${more} } }
`;

const params = { 'encrypt.kek.name': 'lab' };
const rule = { name: 'hide', kind: 'TRANSFORM', mode: 'WRITEREAD', type: 'ENCRYPT', tags: ['PII'], params };

function registered(subject: string, rules: readonly object[]): ReadonlyMap<string, AppliedSchema> {
  const contract = { metadata: null, ruleSet: { domainRules: rules } };
  return new Map([[subject, { subject, id: 1, version: 1, format: 'AVRO', text: visit, contract }]]);
}

function complaintsOf(text: string, facts: Partial<CheckFacts>): string[] {
  const readFile = (path: string): string | null => (path === 'visit.avsc' ? visit : null);
  return checkText(text, { readFile, ...facts }).complaints.map((complaint) => formatComplaint('lab.yaml', complaint));
}

const inClear = 'and what is made of it here stands in Kafka in clear';

test('no key and no identity is made of a field that the rules of the written subject encrypt', () => {
  const facts = { registered: registered('lab.visits-value', [rule]) };
  expect(complaintsOf(document('owner', 'device + "/" + owner'), facts)).toEqual([
    `lab.yaml:3:62 › record.key: the rules of lab.visits-value encrypt owner, ${inClear}`,
    `lab.yaml:3:81 › record.identity: the rules of lab.visits-value encrypt owner, ${inClear}`,
  ]);
  expect(complaintsOf(document('device', 'device + string(at)'), facts)).toEqual([]);
});

test('nor of one that the rules of the read subject, or only those of the next one, encrypt', () => {
  const text = document('device', 'device', ', key: owner');
  for (const subject of ['lab.visits-value', 'lab.passed-value'])
    expect(complaintsOf(text, { registered: registered(subject, [rule]) })).toEqual([
      expect.stringContaining(`stages.pass.to.kafka.key: the rules of ${subject} encrypt owner, ${inClear}`),
    ]);
});

test('nor is such a field set from the topic, which is a header', () => {
  const text = document('device', 'device').replace(
    'payload: json',
    'payload: json, set: { owner: "topic[1]", device: "topic[2]" }',
  );
  expect(complaintsOf(text, { registered: registered('lab.visits-value', [rule]) })).toEqual([
    expect.stringContaining(
      'stages.ingest.from.mqtt.set.owner: the rules of lab.visits-value encrypt owner, and the topic that it comes from stands in Kafka in clear',
    ),
  ]);
});

test('where no rule encrypts the field, or none is known, nothing is said', () => {
  const text = document('owner', 'owner');
  expect(complaintsOf(text, {})).toEqual([]);
  expect(complaintsOf(text, { registered: registered('lab.visits-value', [{ ...rule, tags: ['OTHER'] }]) })).toEqual([]);
});

test('a deployed document is no reason against a rule that hides more', () => {
  const known = registered('lab.visits-value', [rule]);
  const applied = new Map([...known, ...registered('lab.passed-value', [])]);
  expect(complaintsOf(document('owner', 'owner'), { registered: known, applied })).toEqual([]);
});
