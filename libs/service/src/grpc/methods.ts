import type { ServiceDefinition } from '@grpc/grpc-js';

/** A service as the generated code describes it. */
export type GrpcDefinition = ServiceDefinition;

export type RequestOf<Method> = Method extends { requestDeserialize: (bytes: Buffer) => infer Request } ? Request : never;
export type ResponseOf<Method> = Method extends { responseDeserialize: (bytes: Buffer) => infer Response } ? Response : never;

/** Which of four forms a method has, by whether requests and responses are streams. */
export type ByForm<
  Method,
  Forms extends { unary: unknown; serverStream: unknown; clientStream: unknown; bidiStream: unknown },
> = Method extends { requestStream: false; responseStream: false }
  ? Forms['unary']
  : Method extends { requestStream: false }
    ? Forms['serverStream']
    : Method extends { responseStream: false }
      ? Forms['clientStream']
      : Forms['bidiStream'];

/** `/penstock.stages.v1.StagesService/ListStages` belongs to `penstock.stages.v1.StagesService`. */
export function serviceNameOf(path: string): string {
  return path.split('/')[1] ?? '';
}
