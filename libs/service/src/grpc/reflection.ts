import { createFileRegistry, type DescEnum, type DescFile, type DescMessage, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { status as codes } from '@grpc/grpc-js';
import { readDescriptorSet, reflection, reflectionV1alpha } from '@penstock/contracts';
import { bidiStream } from './handlers.ts';
import type { GrpcServer } from './server.ts';

type Request = reflection.ServerReflectionRequest;
type Response = reflection.ServerReflectionResponse;
type Answer = Response['messageResponse'];

/** Answers what this server offers, from the descriptor set of all contracts. Only `services()` are listed. */
export function serveReflection(server: GrpcServer, services: () => readonly string[]): void {
  let index: DescriptorIndex | null = null;
  const answer = (request: Request): Response => {
    index ??= new DescriptorIndex(readDescriptorSet());
    return { validHost: request.host, originalRequest: request, messageResponse: answerOf(index, services(), request) };
  };
  // Both versions are the same on the wire; older tools ask for the older name.
  const handler = bidiStream(async function* (requests: AsyncIterable<Request>): AsyncGenerator<Response> {
    for await (const request of requests) yield answer(request);
  });
  server.add(reflection.ServerReflectionService, { serverReflectionInfo: handler });
  server.add(reflectionV1alpha.ServerReflectionService, { serverReflectionInfo: handler });
}

function answerOf(index: DescriptorIndex, services: readonly string[], { messageRequest }: Request): Answer {
  switch (messageRequest?.$case) {
    case 'listServices':
      return { $case: 'listServicesResponse', value: { service: services.map((name) => ({ name })) } };
    case 'fileByFilename':
      return filesAnswer(index.filesOf(index.byName.get(messageRequest.value)), `file ${messageRequest.value}`);
    case 'fileContainingSymbol':
      return filesAnswer(index.filesOf(index.bySymbol.get(messageRequest.value)), `symbol ${messageRequest.value}`);
    case 'fileContainingExtension':
      return notFound(`no extension of ${messageRequest.value.containingType}`);
    case 'allExtensionNumbersOfType':
      return index.bySymbol.has(messageRequest.value)
        ? {
            $case: 'allExtensionNumbersResponse',
            value: { baseTypeName: messageRequest.value, extensionNumber: [] },
          }
        : notFound(`no type ${messageRequest.value}`);
    case undefined:
      return { $case: 'errorResponse', value: { errorCode: codes.INVALID_ARGUMENT, errorMessage: 'nothing was asked' } };
  }
}

function filesAnswer(files: readonly Uint8Array[], asked: string): Answer {
  if (files.length === 0) return notFound(`no ${asked}`);
  return { $case: 'fileDescriptorResponse', value: { fileDescriptorProto: files.map((file) => Buffer.from(file)) } };
}

function notFound(errorMessage: string): Answer {
  return { $case: 'errorResponse', value: { errorCode: codes.NOT_FOUND, errorMessage } };
}

/** Which file describes what. */
export class DescriptorIndex {
  readonly byName = new Map<string, DescFile>();
  readonly bySymbol = new Map<string, DescFile>();

  constructor(set: Uint8Array) {
    for (const file of createFileRegistry(fromBinary(FileDescriptorSetSchema, set)).files) {
      this.byName.set(`${file.proto.name}`, file);
      for (const symbol of symbolsOf(file)) this.bySymbol.set(symbol, file);
    }
  }

  /** The file and everything that it imports, itself first. */
  filesOf(file: DescFile | undefined): Uint8Array[] {
    const needed = new Set<DescFile>();
    const add = (one: DescFile): void => {
      if (needed.has(one)) return;
      needed.add(one);
      one.dependencies.forEach(add);
    };
    if (file !== undefined) add(file);
    return [...needed].map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
  }
}

function symbolsOf(file: DescFile): string[] {
  const services = file.services.flatMap((service) => [
    service.typeName,
    ...service.methods.map(({ name }) => `${service.typeName}.${name}`),
  ]);
  return [...services, ...file.enums.map(nameOf), ...file.messages.flatMap(namesOf)];
}

/** A message and all that is declared inside. */
function namesOf(message: DescMessage): string[] {
  const fields = message.fields.map(({ name }) => `${message.typeName}.${name}`);
  return [message.typeName, ...fields, ...message.nestedEnums.map(nameOf), ...message.nestedMessages.flatMap(namesOf)];
}

function nameOf({ typeName }: DescEnum): string {
  return typeName;
}
