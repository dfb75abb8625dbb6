import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@penstock/kernel';
import type { Claim, Sink } from '@penstock/pipeline';
import { openMqttSource } from '../source.ts';
import { startPump } from './collecting-sink.ts';

/**
 * Arguments: URL, client id, topic filter, file. Appends each payload to the file, a batch at a time, until it is killed; when
 * it takes a batch up it notes that in `<file>.taken`, so that one can see what a kill has hit.
 */
const [url = '', clientId = '', topic = '', file = ''] = process.argv.slice(2);

/** Slow enough that something is always under way. */
const storeMs = 30;

const claim: Claim = {
  position: null,
  async *restore() {},
  async deliver(delivery) {
    const lines = delivery.outputs.map(({ payload }) => `${Buffer.from(payload ?? [])}\n`).join('');
    appendFileSync(`${file}.taken`, lines);
    await delay(storeMs);
    appendFileSync(file, lines);
  },
  async [Symbol.asyncDispose]() {},
};
const sink: Sink = { stores: () => true, claim: async () => claim, async [Symbol.asyncDispose]() {} };

const source = openMqttSource({ url, clientId, topics: [topic], windowRows: 200, batchRowsMax: 20 }, { clock: systemClock });
const pump = startPump(source, sink);
process.once('SIGTERM', () => void pump[Symbol.asyncDispose]());
