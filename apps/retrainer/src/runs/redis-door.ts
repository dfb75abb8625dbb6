import { messageOf } from '@penstock/kernel';
import type { ConnectionOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { redisUnreachable } from '../problems.ts';

export interface RedisDoorOptions {
  readonly url: string;
  /** Stands before every key, so that several platforms can share one Redis. */
  readonly prefix: string;
  /** Told of outages; connections come back by themselves. */
  outage(message: string): void;
}

const commandMsMax = 5_000;
const reconnectMsMax = 2_000;
const cancelledSeconds = 86_400;

/** Sets a field of a hash if it is not there, and answers what is there now. */
const setIfAbsent = "redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) return redis.call('HGET', KEYS[1], ARGV[1])";
/** Deletes a field of a hash if it still holds what the caller thinks. */
const deleteIfSame =
  "if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then return redis.call('HDEL', KEYS[1], ARGV[1]) end return 0";

/** What retraining keeps in Redis besides its jobs: which run a model has, and which runs are to end. */
export class RedisDoor implements AsyncDisposable {
  readonly #options: RedisDoorOptions;
  readonly #client: Redis;
  readonly #subscriber: Redis;

  constructor(options: RedisDoorOptions) {
    this.#options = options;
    this.#client = new Redis(options.url, { commandTimeout: commandMsMax, retryStrategy, maxRetriesPerRequest: null });
    this.#subscriber = new Redis(options.url, { retryStrategy, maxRetriesPerRequest: null });
    for (const client of [this.#client, this.#subscriber])
      client.on('error', (thrown: unknown) => options.outage(messageOf(thrown)));
  }

  /** For BullMQ, which opens connections of its own. */
  get connection(): ConnectionOptions {
    return { url: this.#options.url, retryStrategy };
  }

  /** Takes the model for a run; answers the run that has it: this one, or one that was there before. */
  async claim(model: string, runId: string): Promise<string> {
    return String(await this.#ask((redis) => redis.eval(setIfAbsent, 1, this.#key('running'), model, runId)));
  }

  /** False when the run did not have the model any more. */
  async release(model: string, runId: string): Promise<boolean> {
    return (await this.#ask((redis) => redis.eval(deleteIfSame, 1, this.#key('running'), model, runId))) === 1;
  }

  /** The run that each model has. */
  async running(): Promise<ReadonlyMap<string, string>> {
    return new Map(Object.entries(await this.#ask((redis) => redis.hgetall(this.#key('running')))));
  }

  /** Remembers that a run is to end, and tells every process that may be at it. */
  async cancel(runId: string): Promise<void> {
    await this.#ask(async (redis) => {
      await redis.set(this.#key(`cancelled:${runId}`), '1', 'EX', cancelledSeconds);
      await redis.publish(this.#key('cancel'), runId);
    });
  }

  async isCancelled(runId: string): Promise<boolean> {
    return (await this.#ask((redis) => redis.exists(this.#key(`cancelled:${runId}`)))) > 0;
  }

  /** Calls back for each run that is cancelled from now on. What comes while Redis is away is remembered, not told. */
  async onCancel(listener: (runId: string) => void): Promise<void> {
    this.#subscriber.on('message', (_, runId: string) => listener(runId));
    await this.#subscriber.subscribe(this.#key('cancel'));
  }

  #key(name: string): string {
    return `${this.#options.prefix}:retraining:${name}`;
  }

  async #ask<Answer>(command: (redis: Redis) => Promise<Answer>): Promise<Answer> {
    try {
      return await command(this.#client);
    } catch (cause) {
      throw redisUnreachable(`redis: ${messageOf(cause)}; is it up at PENSTOCK_REDIS?`, { cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.disconnect();
    this.#subscriber.disconnect();
  }
}

function retryStrategy(times: number): number {
  return Math.min(reconnectMsMax, 50 * 2 ** Math.min(times, 10));
}
