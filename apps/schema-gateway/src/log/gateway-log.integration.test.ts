import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deleteTopics, type Kafka, openKafka } from '@penstock/kafka';
import { type Draft, decideRegistration, readDraft } from '@penstock/registry';
import { brokers, randomName } from '@penstock/testing';
import { type GatewayLog, openGatewayLog, recordBytesMax } from './gateway-log.ts';
import { schemaRecords, type Topics } from './records.ts';
import type { Decide } from './writer.ts';

let kafka: Kafka;
const used: Topics[] = [];

beforeAll(() => {
  kafka = openKafka({ brokers: [brokers().kafka] });
});
afterAll(async () => {
  await deleteTopics(
    kafka,
    used.flatMap(({ schemas, pipelines }) => [schemas, pipelines]),
  );
  await kafka[Symbol.asyncDispose]();
});

function topicsOf(): Topics {
  const topics = { schemas: randomName('_schemas'), pipelines: randomName('pipelines'), audit: randomName('audit') };
  used.push(topics);
  return topics;
}

interface Opened extends AsyncDisposable {
  readonly log: GatewayLog;
}

async function openLog(topics: Topics): Promise<Opened> {
  const closing = new AbortController();
  const log = await openGatewayLog(kafka, {
    topics,
    signal: closing.signal,
    random: Math.random,
    unreadable: () => undefined,
    waiting: () => undefined,
  });
  return {
    log,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await log[Symbol.asyncDispose]();
    },
  };
}

const draftOf = (name: string): Draft => ({ format: 'AVRO', text: `{"type":"fixed","name":"${name}","size":4}` });

function registering(subject: string, draft: Draft): Decide<{ id: number; version: number }> {
  return ({ registry }) => {
    const candidate = readDraft(registry, subject, draft);
    const { id, version, records } = decideRegistration(registry, subject, { candidate, given: null });
    return { records: schemaRecords(records), answer: { id, version } };
  };
}

const patience = (): AbortSignal => AbortSignal.timeout(20_000);

describe('the log of a gateway', () => {
  test('what was answered is there, in order, also for the next gateway', async () => {
    const topics = topicsOf();
    {
      await using opened = await openLog(topics);
      const { log } = opened;
      const names = Array.from({ length: 100 }, (_, index) => `N${index}`);
      const answers = await Promise.all(names.map((name) => log.change(registering(name, draftOf(name)), patience())));
      expect(answers.map(({ id }) => id)).toEqual(names.map((_, index) => index + 1));
      expect(log.state.registry.subjects.keys()).toHaveLength(100);
    }
    await using again = await openLog(topics);
    expect(again.log.state.registry.subjects.keys()).toHaveLength(100);
    expect(await again.log.change(registering('x', draftOf('X')), patience())).toEqual({ id: 101, version: 1 });
  });

  test('two gateways take turns, and give no id twice', async () => {
    const topics = topicsOf();
    await using one = await openLog(topics);
    await using two = await openLog(topics);
    const rounds = Array.from({ length: 12 }, (_, index) => index);
    const answers = await Promise.all(
      rounds.flatMap((round) => [
        one.log.change(registering(`a${round}`, draftOf(`A${round}`)), patience()),
        two.log.change(registering(`b${round}`, draftOf(`B${round}`)), patience()),
        two.log.change(registering('same', draftOf('Same')), patience()),
        one.log.change(registering('same', draftOf('Same')), patience()),
      ]),
    );
    const ids = new Set(answers.map(({ id }) => id));
    expect(ids.size).toBe(25);
    expect(Math.max(...ids)).toBe(25);
    await two.log.change(registering('last', draftOf('Last')), patience());
    await one.log.change(registering('last', draftOf('Last')), patience());
    expect(one.log.state.registry.subjects.keys().sort()).toEqual(two.log.state.registry.subjects.keys().sort());
  });

  test('a change that is refused takes no other along', async () => {
    await using opened = await openLog(topicsOf());
    const huge = { topic: 'pipelines', key: 'huge', value: 'x'.repeat(recordBytesMax) } as const;
    const outcomes = await Promise.allSettled([
      opened.log.change(registering('a', draftOf('A')), patience()),
      opened.log.change(() => ({ records: [huge], answer: null }), patience()),
      opened.log.change(registering('', draftOf('B')), patience()),
      opened.log.change(registering('c', draftOf('C')), patience()),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(opened.log.state.registry.subjects.keys()).toEqual(['a', 'c']);
  });

  test('who does not wait any longer is told so', async () => {
    await using opened = await openLog(topicsOf());
    const gone = AbortSignal.abort(new Error('gone'));
    await expect(opened.log.change(registering('a', draftOf('A')), gone)).rejects.toThrow('gone');
    await opened.log.change(registering('b', draftOf('B')), patience());
    expect(opened.log.state.registry.subjects.keys()).toEqual(['b']);
  });
});
