import { contextOf, defaultContext, registryProblems } from '@penstock/registry';
import { isVisible } from '../access/caller.ts';
import { deleteContext } from '../schemas/change.ts';
import { type Door, noContent } from './door.ts';
import { paged, pageOf, text } from './request.ts';

/** The version of Confluent's API that is spoken. */
const apiVersion = '7.9.0';

/** What clients and tools ask a registry about itself. */
export function addAboutPaths(door: Door): void {
  const { gateway } = door;
  const { kafka, log } = gateway;
  door.get('/', () => ({}));
  door.ask('/', () => ({}));
  const { registry } = log.state;
  door.get('/contexts', ({ query }) => {
    const prefix = text(query, 'contextPrefix') ?? '';
    const named = registry.contexts.keys().filter((context) => isVisible(`:${context}:`));
    const all = new Set([defaultContext, ...named, ...registry.subjects.keys().filter(isVisible).map(contextOf)]);
    return paged([...all].filter((context) => context.startsWith(prefix)).sort(), pageOf(query));
  });
  door.delete('/contexts/:context', async ({ params, signal }) => {
    await deleteContext(gateway, contextNamed(params['context'] ?? ''), signal);
    return noContent;
  });
  door.get('/v1/metadata/id', () => ({
    scope: {
      path: [],
      clusters: { 'kafka-cluster': kafka.config.brokers.join(','), 'schema-registry-cluster': 'schema-registry' },
    },
  }));
  door.get('/v1/metadata/deployment', () => ({ attributes: [] }));
  door.get('/v1/metadata/version', () => ({ version: apiVersion, commitId: 'penstock' }));
}

/** `.name`, `:.name:` or `name`. */
function contextNamed(given: string): string {
  const name = given.replace(/^:/, '').replace(/:$/, '');
  if (name === '' || name === defaultContext || name.includes(':'))
    throw registryProblems.contextNotEmpty(`The specified context '${given.slice(0, 100)}' is not empty.`);
  return name.startsWith('.') ? name : `.${name}`;
}
