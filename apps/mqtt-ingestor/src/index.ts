export { mqttIngestor } from './service.ts';
