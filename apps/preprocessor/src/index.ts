export { preprocessor } from './service.ts';
