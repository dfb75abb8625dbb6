import { expect, test } from '@jest/globals';
import { Problem, type Random } from '@penstock/kernel';
import type { Claim, Sink } from '@penstock/pipeline';
import { brokers, randomName, seeded } from '@penstock/testing';
import { openPostgresSink } from './sink.ts';
import { type CuttingProxy, openCuttingProxy } from './testing/cutting-proxy.ts';
import { ask, bindings, deliveryOf, outputOf } from './testing/rooms-table.ts';

const { signal } = new AbortController();
const bury = async (): Promise<void> => undefined;
const recordsMax = 2_500;
const lane = 'rooms.raw/0';

interface World {
  readonly random: Random;
  readonly schema: string;
  readonly proxy: CuttingProxy;
  readonly sinks: readonly Sink[];
  readonly seen: { fenced: number; unknown: number; cut: number };
}

const pick = <Each>(random: Random, from: readonly Each[]): Each => from[Math.floor(random() * from.length)] as Each;

/** As the engine does it: a cut may hit a claim, too. */
async function claimAnew({ random, sinks }: World): Promise<Claim> {
  for (;;) {
    try {
      return await pick(random, sinks).claim(lane, signal);
    } catch (thrown) {
      expect(thrown).toMatchObject({ remedy: 'retry' });
    }
  }
}

/** Hands over a few deliveries at once, breaking something on the way or not; the number of the last record is the state. */
async function flow({ random, proxy, seen }: World, claim: Claim): Promise<void> {
  let from = claim.position ?? 0;
  const answers: Promise<void>[] = [];
  for (let count = 1 + Math.floor(random() * 6); count > 0 && from < recordsMax; count -= 1) {
    const to = Math.min(recordsMax, from + 1 + Math.floor(random() * 40));
    const outputs = Array.from({ length: to - from }, (_, at) => outputOf(`r${from + at}`));
    const changes = [{ store: 'last', key: Buffer.from('last'), value: Buffer.from(String(to - 1)) }];
    answers.push(claim.deliver(deliveryOf(lane, [from, to], { outputs, changes }), bury, signal));
    from = to;
  }
  if (random() < 0.4) proxy.cutNext(random() < 0.5 ? 'before it arrives' : 'after it is answered');
  for (const answer of await Promise.allSettled(answers)) {
    if (answer.status === 'fulfilled') continue;
    expect(answer.reason).toBeInstanceOf(Problem);
    const { code, remedy } = answer.reason as Problem;
    expect(remedy).toBe('retry');
    if (code === 'lane.fenced') seen.fenced += 1;
    else if (code === 'postgres.outcome-unknown') seen.unknown += 1;
    else seen.cut += 1;
  }
}

/** What must hold whenever a claim stands: the rows are those below its position, each once, in order, and so is the state. */
async function check({ schema }: World, claim: Claim): Promise<void> {
  const rows = await ask<{ id: string }>(brokers().postgres, `select id from ${schema}.readings order by written`);
  expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: claim.position ?? 0 }, (_, at) => `r${at}`));
  const state: string[] = [];
  for await (const { value } of claim.restore()) state.push(Buffer.from(value ?? []).toString());
  expect(state).toEqual(claim.position === null ? [] : [String(claim.position - 1)]);
}

test(
  'whatever breaks, a claim finds the rows below its position, each once and in order, and the state that belongs to them',
  seeded(async (random) => {
    await using proxy = await openCuttingProxy(brokers().postgres);
    const schema = randomName('model');
    const settings = { url: proxy.url, schema, table: 'readings', mode: 'append' } as const;
    const sinks = [0, 1].map(() => openPostgresSink(settings, { pipeline: 'rooms', stage: 'archive', columns: bindings }));
    const world: World = { random, schema, proxy, sinks, seen: { fenced: 0, unknown: 0, cut: 0 } };
    for (let position = 0; position < recordsMax; ) {
      const claim = await claimAnew(world);
      await check(world, claim);
      position = claim.position ?? 0;
      const rival = random() < 0.3 ? await claimAnew(world) : null; // so the first one is a zombie
      await Promise.all([flow(world, claim), rival === null ? null : flow(world, rival)]);
      await claim[Symbol.asyncDispose]();
      await rival?.[Symbol.asyncDispose]();
    }
    await Promise.all(sinks.map((sink) => sink[Symbol.asyncDispose]()));
    await ask(brokers().postgres, `drop schema ${schema} cascade`);
    // Else nothing was tried.
    expect(world.seen.fenced).toBeGreaterThan(0);
    expect(world.seen.unknown).toBeGreaterThan(0);
    expect(proxy.cuts['before it arrives']).toBeGreaterThan(0);
    expect(proxy.cuts['after it is answered']).toBeGreaterThan(0);
  }),
);
