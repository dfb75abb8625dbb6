export { type BaseConfig, baseConfig, readConfig, variableOf } from './config.ts';
export type { AskOptions } from './grpc/ask.ts';
export type { GrpcCall } from './grpc/calls.ts';
export { type Ask, createGrpcClient, type GrpcClient, type GrpcClientOptions } from './grpc/client.ts';
export {
  type BidiStream,
  bidiStream,
  type ClientStream,
  clientStream,
  type GrpcHandlers,
  type Handler,
  type ServerStream,
  serverStream,
  type Unary,
  unary,
} from './grpc/handlers.ts';
export type { GrpcServer } from './grpc/server.ts';
export { Health } from './health.ts';
export type { Log } from './log.ts';
export { type OpenService, type OpenServiceOptions, openService } from './open-service.ts';
export { hashPassword, isPassword, parsePasswordHash } from './password.ts';
export { exitCodes, runService } from './run-service.ts';
export { defineService, type RunningService, type ServiceContext, type ServiceDefinition } from './service.ts';
export { durationBuckets, serviceMetrics } from './telemetry/metrics.ts';
export { noTelemetry, type Telemetry } from './telemetry/telemetry.ts';
export { formatTraceparent, parseTraceparent, type TraceHeaders, traceHeader, traceOf } from './telemetry/trace-context.ts';
export { readTls, type Tls } from './tls.ts';
