export { MqttBatch, refusalOf, topicLevelsOf, topicOf } from './batch.ts';
export {
  type MqttPublisherConfig,
  type MqttPublisherSettings,
  type MqttSourceConfig,
  type MqttSourceSettings,
  mqttPublisherConfig,
  mqttSourceConfig,
} from './config.ts';
export { createFilterFile, createFilterMemory, type FilterMemory } from './filter-memory.ts';
export * as mqttProblems from './problems.ts';
export { type MqttPublisher, openMqttPublisher, type Publication } from './publisher.ts';
export type { MqttReading, MqttSourceContext, MqttSourceEvents } from './session.ts';
export { type MqttSource, openMqttSource } from './source.ts';
export { matches, type Topic, topicHeader } from './topics.ts';
