export { modelServer } from './service.ts';
