export { readDescriptorSet } from './descriptor-set.ts';
export * as dispatch from './generated/penstock/dispatch/v1/dispatch.ts';
export * as health from './generated/grpc/health/v1/health.ts';
export * as inference from './generated/inference/inference.ts';
export * as ingest from './generated/penstock/ingest/v1/ingest.ts';
export * as reflection from './generated/grpc/reflection/v1/reflection.ts';
export * as reflectionV1alpha from './generated/grpc/reflection/v1alpha/reflection.ts';
export * as stages from './generated/penstock/stages/v1/stages.ts';
