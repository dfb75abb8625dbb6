import { contextOf, defaultContext } from '@penstock/registry';
import { isVisible } from '../access/caller.ts';
import type { Door } from './door.ts';
import { paged, pageOf, text } from './request.ts';

/** The version of Confluent's API that is spoken. */
const apiVersion = '7.9.0';

/** What clients and tools ask a registry about itself. */
export function addAboutPaths(door: Door): void {
  const { kafka, log } = door.gateway;
  door.get('/', () => ({}));
  const { registry } = log.state;
  door.get('/contexts', ({ query }) => {
    const prefix = text(query, 'contextPrefix') ?? '';
    const named = registry.contexts.keys().filter((context) => isVisible(`:${context}:`));
    const all = new Set([defaultContext, ...named, ...registry.subjects.keys().filter(isVisible).map(contextOf)]);
    return paged([...all].filter((context) => context.startsWith(prefix)).sort(), pageOf(query));
  });
  door.get('/v1/metadata/id', () => ({
    scope: {
      path: [],
      clusters: { 'kafka-cluster': kafka.config.brokers.join(','), 'schema-registry-cluster': 'schema-registry' },
    },
  }));
  door.get('/v1/metadata/version', () => ({ version: apiVersion, commitId: 'penstock' }));
}
