import type { ServiceContext } from '@penstock/service';
import type { FastifyInstance } from 'fastify';
import type { Gateway } from '../gateway.ts';
import { readingHealth } from '../log/watch-reading.ts';
import type { Documents } from '../pipelines/documents.ts';
import { upstreamAway } from '../problems.ts';
import { upstreamDocuments } from './documents.ts';
import { addUpstreamPaths } from './door.ts';
import { Follower } from './follower.ts';
import { isRegistrys } from './judge-answer.ts';
import { createPass } from './passing.ts';
import { Reachability } from './reachability.ts';
import { serveUpstreamSchemas } from './schema-api.ts';
import type { UpstreamOptions } from './settings.ts';
import { Upstream } from './upstream.ts';
import { openUpstreamClient, type UpstreamClient } from './upstream-client.ts';
import { UpstreamRegistry } from './upstream-registry.ts';

/** All doors of a gateway that stands in front of another registry. */
export interface Front extends AsyncDisposable {
  readonly documents: Documents;
  addPaths(app: FastifyInstance): void;
}

export interface FrontOptions {
  readonly gateway: Gateway;
  readonly options: UpstreamOptions;
  readonly changeMsMax: number;
}

type Context = Pick<ServiceContext<unknown>, 'clock' | 'random' | 'health' | 'server' | 'log' | 'fail'>;

const probeMsMax = 2_000;

/** Serves `penstock.schema.v1` out of the registry upstream, looks after it, and tells its health as `schemas`. */
export function openFront(context: Context, { gateway, options, changeMsMax }: FrontOptions): Front {
  const { clock, fail, server } = context;
  const closing = new AbortController();
  const client = openUpstreamClient(options);
  const reachability = watchUpstream(context, { client, options, signal: closing.signal });
  const upstream = new Upstream({ client, reachability, clock, limits: options });
  const front = { gateway, upstream, registry: new UpstreamRegistry(upstream) };
  const follower = new Follower(front, { pollMs: options.pollMs, signal: closing.signal, fail });
  serveUpstreamSchemas(server, { ...front, follower });
  return {
    documents: upstreamDocuments(front),
    addPaths: (app) => addUpstreamPaths(app, createPass({ ...front, follower, changeMsMax })),
    async [Symbol.asyncDispose]() {
      closing.abort();
      client[Symbol.dispose]();
      await Promise.all([follower[Symbol.asyncDispose](), reachability[Symbol.asyncDispose]()]);
    },
  };
}

interface Watching {
  readonly client: UpstreamClient;
  readonly options: UpstreamOptions;
  readonly signal: AbortSignal;
}

function watchUpstream({ clock, random, health, log: tell }: Context, { client, options, signal }: Watching): Reachability {
  const timeoutMs = Math.min(probeMsMax, options.answerMsMax);
  const request = { method: 'GET', url: '/schemas/types', headers: { accept: 'application/json' }, body: null };
  health.set(readingHealth, true);
  return new Reachability({
    clock,
    random,
    signal,
    async probe() {
      const answer = await client.probe(request, timeoutMs);
      if (!isRegistrys(answer)) throw upstreamAway(`${options.url} answers ${answer.status}, not as a registry does`);
    },
    changed(isReached, reason) {
      health.set(readingHealth, isReached);
      tell(isReached ? 'upstream.reached' : 'upstream.away', isReached ? { url: options.url } : { url: options.url, reason });
    },
  });
}
