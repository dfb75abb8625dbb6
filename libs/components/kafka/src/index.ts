export {
  type AcknowledgedSinkOptions,
  openAcknowledgedSink,
  openKafkaDeadLetters,
  openPublisher,
  type Publisher,
} from './acknowledged-sink.ts';
export { type KafkaConfig, type KafkaSettings, kafkaConfig } from './config.ts';
export { type Kafka, openKafka } from './kafka.ts';
export { laneOf, parseLane } from './lane.ts';
export {
  type KafkaSinkLimits,
  type KafkaSourceLimits,
  kafkaSinkLimits,
  kafkaSourceLimits,
  type LingerLimits,
  lingerLimits,
} from './limits.ts';
export { committedOffset, endOf, offsetsOf, type RangeOptions, readRange } from './partition-reader.ts';
export { murmur2, partitionOf } from './partitioner.ts';
export type { Routes, RouteTarget } from './placing.ts';
export type { FetchedRecord, TopicPartition, WireHeader } from './port.ts';
export * as kafkaProblems from './problems.ts';
export { type KafkaSinkOptions, openKafkaSink } from './sink.ts';
export { type KafkaSourceOptions, openKafkaSource } from './source.ts';
export { type Following, type FollowOptions, followTopic } from './topic-following.ts';
export { deleteTopics, describeTopics, ensureTopics, type TopicDeclaration } from './topics.ts';
