import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { guidOf } from '@penstock/registry';
import { ask, openGateway, ownTopics, type TestedGateway } from './testing/open-gateway.ts';

/** Clients ask any of several gateways; what one has answered, the next one must know. */
let one: TestedGateway;
let other: TestedGateway;
beforeAll(async () => {
  const topics = ownTopics();
  one = await openGateway(topics);
  other = await openGateway(topics);
});
afterAll(async () => {
  await Promise.all([one[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
});

const rounds = Array.from({ length: 60 }, (_, round) => round);

async function register(subject: string, body: object): Promise<number> {
  const answer = await ask(one.url, `POST /subjects/${subject}/versions`, { body });
  expect(answer).toMatchObject({ status: 200 });
  return (answer.body as { id: number }).id;
}

const record = (name: string, field = 'string'): string =>
  JSON.stringify({ type: 'record', name, fields: [{ name: 'field', type: field }] });

test('what one gateway answered is there at the other, at once', async () => {
  for (const round of rounds) {
    const subject = `readings-${round}`;
    const schema = record(`R${round}`);
    const id = await register(subject, { schema });
    const answers = await Promise.all([
      ask(other.url, `GET /schemas/ids/${id}`),
      ask(other.url, `GET /subjects/${subject}/versions/1`),
      ask(other.url, `POST /subjects/${subject}`, { body: { schema } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  }
});

test('a GUID leads to what another gateway has just taken', async () => {
  for (const round of rounds) {
    const text = record(`Named${round}`);
    const guid = guidOf({ text, references: [], metadata: null, ruleSet: null });
    const id = await register(`named-${round}`, { schema: text });
    expect((await ask(other.url, `GET /schemas/guids/${guid}/ids`)).body).toEqual([{ context: '.', id }]);
  }
});

test('what refers to a schema is taken at the other gateway, at once', async () => {
  for (const round of rounds.slice(0, 20)) {
    const referred = `referred-${round}`;
    await register(referred, { schema: record(`Referred${round}`) });
    const schema = record(`Referring${round}`, `Referred${round}`);
    const references = [{ name: `Referred${round}`, subject: referred, version: 1 }];
    const body = { schema, references };
    expect(await ask(other.url, `POST /compatibility/subjects/x-${round}/versions`, { body })).toMatchObject({ status: 200 });
  }
});

test('what is nowhere is not found, by many at once', async () => {
  const startedMs = performance.now();
  const answers = await Promise.all(rounds.map((round) => ask(other.url, `GET /schemas/ids/${1_000_000 + round}`)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
  expect(performance.now() - startedMs).toBeLessThan(2_000);
});
