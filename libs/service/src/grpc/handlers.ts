import type { GrpcCall } from './calls.ts';
import type { ByForm, GrpcDefinition, RequestOf, ResponseOf } from './methods.ts';

export interface Unary<Request, Response> {
  readonly form: 'unary';
  readonly run: (request: Request, call: GrpcCall) => Promise<Response>;
}
export interface ServerStream<Request, Response> {
  readonly form: 'serverStream';
  readonly run: (request: Request, call: GrpcCall) => AsyncIterable<Response>;
}
export interface ClientStream<Request, Response> {
  readonly form: 'clientStream';
  readonly run: (requests: AsyncIterable<Request>, call: GrpcCall) => Promise<Response>;
}
export interface BidiStream<Request, Response> {
  readonly form: 'bidiStream';
  readonly run: (requests: AsyncIterable<Request>, call: GrpcCall) => AsyncIterable<Response>;
}

type HandlerOf<Method> = ByForm<
  Method,
  {
    unary: Unary<RequestOf<Method>, ResponseOf<Method>>;
    serverStream: ServerStream<RequestOf<Method>, ResponseOf<Method>>;
    clientStream: ClientStream<RequestOf<Method>, ResponseOf<Method>>;
    bidiStream: BidiStream<RequestOf<Method>, ResponseOf<Method>>;
  }
>;

/** A handler for each method of a service. */
export type GrpcHandlers<Definition extends GrpcDefinition> = {
  readonly [Name in keyof Definition]: HandlerOf<Definition[Name]>;
};

/** One answer to one request. A problem that is thrown becomes a gRPC status; anything else is a defect, logged, and INTERNAL. */
export function unary<Request, Response>(run: Unary<Request, Response>['run']): Unary<Request, Response> {
  return { form: 'unary', run };
}

/** Many answers to one request; the next one is asked for when the caller keeps up. */
export function serverStream<Request, Response>(run: ServerStream<Request, Response>['run']): ServerStream<Request, Response> {
  return { form: 'serverStream', run };
}

/** One answer to many requests. */
export function clientStream<Request, Response>(run: ClientStream<Request, Response>['run']): ClientStream<Request, Response> {
  return { form: 'clientStream', run };
}

/** Many answers to many requests. When the service drains, the requests end, and what was taken is still answered. */
export function bidiStream<Request, Response>(run: BidiStream<Request, Response>['run']): BidiStream<Request, Response> {
  return { form: 'bidiStream', run };
}

/** Any handler, as the door sees it. */
export type Handler =
  | Unary<unknown, unknown>
  | ServerStream<unknown, unknown>
  | ClientStream<unknown, unknown>
  | BidiStream<unknown, unknown>;
