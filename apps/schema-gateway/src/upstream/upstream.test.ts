import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Clock } from '@penstock/kernel';
import { until } from '@penstock/testing';
import { upstreamAway, upstreamSilent } from '../problems.ts';
import { Upstream } from './upstream.ts';
import type { UpstreamAnswer, UpstreamRequest } from './upstream-client.ts';

const limits = { answerMsMax: 1_000, freshMs: 5_000, versionMs: 300_000, unknownMs: 1_000, cacheBytesMax: 100_000 };
let nowMs = 0;
const clock: Clock = { nowMs: () => nowMs, sleep: async () => undefined };
const reachability = { isAway: false, lost: () => void (reachability.isAway = true), suspect: () => undefined };
let answers = new Map<string, UpstreamAnswer | Error>();
let asked: string[] = [];
let waiting: PromiseWithResolvers<void> | null = null;
const client = {
  probe: () => Promise.reject(new Error('not asked for')),
  async send({ method, url }: UpstreamRequest): Promise<UpstreamAnswer> {
    asked.push(`${method} ${url}`);
    const answer = answers.get(`${method} ${url}`) ?? json(404, { error_code: 40_403, message: 'Schema not found' });
    await waiting?.promise;
    if (answer instanceof Error) throw answer;
    return answer;
  },
  [Symbol.dispose]: () => undefined,
};
let upstream: Upstream;
beforeEach(() => {
  nowMs = 1_000;
  reachability.isAway = false;
  answers = new Map();
  asked = [];
  waiting = null;
  upstream = new Upstream({ client, reachability, clock, limits });
});

function json(status: number, body: unknown): UpstreamAnswer {
  return {
    status,
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: Buffer.from(JSON.stringify(body)),
  };
}

function ask(line: string, body: string | null = null): Promise<UpstreamAnswer> {
  const [method = '', url = ''] = line.split(' ');
  return upstream.ask({ method, url, headers: {}, body: body === null ? null : Buffer.from(body) });
}

const one = json(200, { schema: '"string"' });
const two = json(200, { schema: '"long"' });

describe('what was answered', () => {
  test.each(['/schemas/ids/1', '/schemas/ids/1/schema', '/schemas/guids/a-b', '/contexts/.c/schemas/ids/1'])(
    '%s is answered for ever',
    async (url) => {
      answers.set(`GET ${url}`, one);
      await ask(`GET ${url}`);
      nowMs += 1e12;
      expect(await ask(`GET ${url}`)).toBe(one);
      expect(asked).toHaveLength(1);
    },
  );

  test.each([
    '/subjects/s/versions/latest',
    '/subjects',
    '/config/s',
    '/mode',
    '/schemas/ids/1/subjects',
    '/schemas/ids/1?fetchMaxId=true',
  ])('%s is believed for a moment', async (url) => {
    answers.set(`GET ${url}`, one);
    await ask(`GET ${url}`);
    nowMs += limits.freshMs - 1;
    await ask(`GET ${url}`);
    expect(asked).toHaveLength(1);
    nowMs += 1;
    answers.set(`GET ${url}`, two);
    expect(await ask(`GET ${url}`)).toBe(two);
  });

  test('a numbered version that is no longer fresh is answered, and asked for behind that', async () => {
    answers.set('GET /subjects/s/versions/1', one);
    await ask('GET /subjects/s/versions/1');
    nowMs += limits.versionMs;
    answers.delete('GET /subjects/s/versions/1');
    expect(await ask('GET /subjects/s/versions/1')).toBe(one);
    expect(asked).toHaveLength(2);
    const isGone = async (): Promise<boolean> => (await ask('GET /subjects/s/versions/1')).status === 404;
    await until(isGone, { deadlineMs: 1_000, what: 'that it is known to be deleted' });
    expect(asked).toHaveLength(2);
  });

  test('that something is not there is believed for a second', async () => {
    for (let each = 0; each < 5; each++) expect((await ask('GET /schemas/ids/9')).status).toBe(404);
    expect(asked).toHaveLength(1);
    nowMs += limits.unknownMs;
    answers.set('GET /schemas/ids/9', one);
    expect(await ask('GET /schemas/ids/9')).toBe(one);
  });

  test('lookups go by their body', async () => {
    answers.set('POST /subjects/s', one);
    for (const body of ['a', 'a', 'b']) await ask('POST /subjects/s', body);
    expect(asked).toHaveLength(2);
  });

  test('who takes more is told more, and nobody else', async () => {
    answers.set('GET /schemas/ids/1', two);
    const more = { method: 'GET', url: '/schemas/ids/1', headers: { 'user-agent': 'franz-go' }, body: null };
    expect(await upstream.ask(more)).toBe(two);
    answers.set('GET /schemas/ids/1', one);
    const other = { ...more, headers: { 'user-agent': 'python-requests' } };
    expect(await upstream.ask(other)).toBe(one);
    expect(await upstream.ask(more)).toBe(two);
  });

  test('the same question is under way once', async () => {
    answers.set('GET /schemas/ids/1', one);
    waiting = Promise.withResolvers();
    const all = Array.from({ length: 50 }, () => ask('GET /schemas/ids/1'));
    waiting.resolve();
    expect(new Set(await Promise.all(all))).toEqual(new Set([one]));
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['what a proxy sends as a page', { status: 200, headers: { 'content-type': 'text/html' }, body: Buffer.from('<html>') }],
    ['what may not be read', json(403, { error_code: 40_301, message: 'no' })],
    ['that it cannot just now', json(500, { error_code: 50_001, message: 'store' })],
    ['that there are too many questions', json(429, { error_code: 429, message: 'slow down' })],
  ])('%s is not kept', async (_, answer) => {
    answers.set('GET /schemas/ids/1', answer);
    expect(await ask('GET /schemas/ids/1')).toBe(answer);
    answers.set('GET /schemas/ids/1', one);
    expect(await ask('GET /schemas/ids/1')).toBe(one);
  });

  test('takes no more memory than it may', async () => {
    const large = json(200, { schema: 'x'.repeat(8_000) });
    for (let id = 0; id < 40; id++) {
      answers.set(`GET /schemas/ids/${id}`, large);
      await ask(`GET /schemas/ids/${id}`);
      if (id > 0) await ask('GET /schemas/ids/0');
    }
    asked = [];
    await ask('GET /schemas/ids/0');
    await ask('GET /schemas/ids/39');
    expect(asked).toEqual([]);
    await ask('GET /schemas/ids/1');
    expect(asked).toEqual(['GET /schemas/ids/1']);
  });
});

describe('a change', () => {
  const reads = [
    'GET /subjects/s/versions/latest',
    'GET /subjects/t/versions/latest',
    'GET /subjects',
    'GET /subjects/s/versions/1',
  ];
  const known = [...reads, 'GET /schemas/ids/1', 'GET /schemas/ids/2'];
  beforeEach(async () => {
    for (const line of known.slice(0, -1)) answers.set(line, one);
    for (const line of known) await ask(line);
    asked = [];
  });

  async function askedAgain(): Promise<string[]> {
    asked = [];
    for (const line of known) await ask(line);
    return asked;
  }

  test('a new version touches its subject, the lists, and ids that were not there', async () => {
    answers.set('POST /subjects/s/versions', json(200, { id: 2 }));
    await ask('POST /subjects/s/versions', '{}');
    expect(await askedAgain()).toEqual(['GET /subjects/s/versions/latest', 'GET /subjects', 'GET /schemas/ids/2']);
  });

  test('of a setting or a deletion touches all but what ids stand for', async () => {
    answers.set('PUT /config', json(200, {}));
    await ask('PUT /config', '{}');
    expect(await askedAgain()).toEqual([...reads, 'GET /schemas/ids/2']);
  });

  test('a deletion for good touches that too', async () => {
    answers.set('DELETE /subjects/s?permanent=true', json(200, [1]));
    await ask('DELETE /subjects/s?permanent=true');
    expect(await askedAgain()).toEqual(known);
  });

  test('that was refused touches nothing, one whose end is not known all', async () => {
    answers.set('PUT /config', json(422, { error_code: 42_203, message: 'Invalid' }));
    await ask('PUT /config', '{}');
    expect(await askedAgain()).toEqual([]);
    answers.set('PUT /config', upstreamSilent('no answer in time'));
    await expect(ask('PUT /config', '{}')).rejects.toMatchObject({ code: 'gateway.upstream-silent' });
    expect(await askedAgain()).toEqual([...reads, 'GET /schemas/ids/2']);
  });

  test('what was on its way before it is not kept after it', async () => {
    nowMs += limits.freshMs;
    waiting = Promise.withResolvers();
    const { resolve } = waiting;
    const before = ask('GET /subjects/s/versions/latest');
    waiting = null;
    answers.set('POST /subjects/s/versions', json(200, { id: 2 }));
    await ask('POST /subjects/s/versions', '{}');
    answers.set('GET /subjects/s/versions/latest', two);
    expect(await ask('GET /subjects/s/versions/latest')).toBe(two);
    resolve();
    expect(await before).toBe(one);
    expect(await ask('GET /subjects/s/versions/latest')).toBe(two);
  });
});

describe('while upstream is away', () => {
  test('what is known is answered with its age, and nobody waits', async () => {
    answers.set('GET /subjects/s/versions/latest', one);
    await ask('GET /subjects/s/versions/latest');
    nowMs += 60_000;
    answers.set('GET /subjects/s/versions/latest', upstreamAway('connection refused'));
    for (let each = 0; each < 3; each++) {
      const { status, headers, body } = await ask('GET /subjects/s/versions/latest');
      expect([status, body, headers['age'], headers['warning']]).toEqual([200, one.body, '60', '110 - "Response is Stale"']);
    }
    expect(asked).toHaveLength(2);
  });

  test('an outage is never that something is not there', async () => {
    await ask('GET /schemas/ids/9');
    nowMs += limits.unknownMs;
    reachability.isAway = true;
    await expect(ask('GET /schemas/ids/9')).rejects.toMatchObject({ code: 'gateway.upstream-away' });
    reachability.isAway = false;
    answers.set('GET /schemas/ids/9', {
      status: 404,
      headers: { 'content-type': 'text/html' },
      body: Buffer.from('no such backend'),
    });
    await expect(ask('GET /schemas/ids/9')).rejects.toMatchObject({ code: 'gateway.upstream-away' });
  });

  test('changes are refused at once', async () => {
    reachability.isAway = true;
    await expect(ask('POST /subjects/s/versions', '{}')).rejects.toMatchObject({
      code: 'gateway.upstream-away',
      remedy: 'retry',
    });
    expect(asked).toEqual([]);
  });

  test('one that took too long is not yet an outage', async () => {
    answers.set('GET /subjects', upstreamAway('no answer in time', { facts: { timedOut: true } }));
    await expect(ask('GET /subjects')).rejects.toMatchObject({ code: 'gateway.upstream-away' });
    expect(reachability.isAway).toBe(false);
    answers.set('GET /subjects', upstreamAway('refused'));
    await expect(ask('GET /subjects')).rejects.toMatchObject({ code: 'gateway.upstream-away' });
    expect(reachability.isAway).toBe(true);
  });

  test('an error of the store behind it is covered by what is known', async () => {
    answers.set('GET /config', one);
    await ask('GET /config');
    nowMs += limits.freshMs;
    answers.set('GET /config', json(500, { error_code: 50_001, message: 'store' }));
    expect(await ask('GET /config')).toMatchObject({ status: 200, headers: { age: '5' } });
  });
});
