import { setFlagsFromString } from 'node:v8';

// What a replay leaves is either for ever or for a moment: a larger nursery would cost 50 MB and save nothing. V8 is told before it grows.
// `ReplayGarbage` lets it grow afterwards.
setFlagsFromString('--semi-space-growth-factor=1');
const { runService } = await import('@penstock/service');
const { schemaGateway } = await import('./service.ts');

await runService(schemaGateway);
