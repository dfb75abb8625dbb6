export { schemaGateway } from './service.ts';
