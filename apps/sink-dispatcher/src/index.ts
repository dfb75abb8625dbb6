export { sinkDispatcher } from './service.ts';
