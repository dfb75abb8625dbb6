import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema, file_google_protobuf_timestamp } from '@bufbuild/protobuf/wkt';
import { describe, expect, test } from '@jest/globals';
import { reflection, reflectionV1alpha } from '@penstock/contracts';
import { openService } from '../open-service.ts';
import { sample } from '../testing/sample-service.ts';
import { createGrpcClient } from './client.ts';
import { DescriptorIndex } from './reflection.ts';

type Question = reflection.ServerReflectionRequest['messageRequest'];
type Answer = reflection.ServerReflectionResponse['messageResponse'];

// Both versions have the same messages.
const clients = {
  v1: reflection.ServerReflectionClient,
  v1alpha: reflectionV1alpha.ServerReflectionClient as unknown as typeof reflection.ServerReflectionClient,
};

/** Asks as tools without generated code do: one question after the other on one stream. */
async function ask(address: string, version: keyof typeof clients, questions: readonly Question[]): Promise<Answer[]> {
  using client = createGrpcClient(clients[version], address);
  const requests = async function* (): AsyncGenerator<reflection.ServerReflectionRequest> {
    for (const messageRequest of questions) yield { host: '', messageRequest };
  };
  const answers: Answer[] = [];
  for await (const { messageResponse } of client.serverReflectionInfo(requests())) answers.push(messageResponse);
  return answers;
}

function filesIn(answer: Answer): string[] {
  if (answer?.$case !== 'fileDescriptorResponse') throw new Error(JSON.stringify(answer));
  return answer.value.fileDescriptorProto.map((file) => fromBinary(FileDescriptorProtoSchema, file).name);
}

describe.each(['v1', 'v1alpha'] as const)('reflection %s', (version) => {
  test('lists what this service answers and describes each of it', async () => {
    await using service = await openService(sample, { env: {}, write: () => undefined });
    const [listed] = await ask(service.address, version, [{ $case: 'listServices', value: '' }]);
    const names = listed?.$case === 'listServicesResponse' ? listed.value.service.map(({ name }) => name) : [];
    expect(names).toEqual([
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      'penstock.stages.v1.StagesService',
    ]);
    const described = await ask(
      service.address,
      version,
      names.map((value) => ({ $case: 'fileContainingSymbol', value })),
    );
    expect(described.map(filesIn)).toEqual([
      ['grpc/health/v1/health.proto'],
      ['grpc/reflection/v1/reflection.proto'],
      ['grpc/reflection/v1alpha/reflection.proto'],
      ['penstock/stages/v1/stages.proto'],
    ]);
  });

  test('answers by method, message and file, and says what it does not know', async () => {
    await using service = await openService(sample, { env: {}, write: () => undefined });
    const answers = await ask(service.address, version, [
      { $case: 'fileContainingSymbol', value: 'penstock.stages.v1.StagesService.WatchStages' },
      { $case: 'fileContainingSymbol', value: 'penstock.stages.v1.StageStatus' },
      { $case: 'fileByFilename', value: 'penstock/stages/v1/stages.proto' },
      { $case: 'fileByFilename', value: 'nowhere.proto' },
      { $case: 'fileContainingSymbol', value: 'nothing.Known' },
      { $case: 'allExtensionNumbersOfType', value: 'penstock.stages.v1.StageStatus' },
    ]);
    expect(answers.slice(0, 3).flatMap(filesIn)).toEqual(Array(3).fill('penstock/stages/v1/stages.proto'));
    expect(answers.slice(3)).toMatchObject([
      { value: { errorCode: 5, errorMessage: 'no file nowhere.proto' } },
      { value: { errorCode: 5, errorMessage: 'no symbol nothing.Known' } },
      { value: { baseTypeName: 'penstock.stages.v1.StageStatus', extensionNumber: [] } },
    ]);
  });
});

test('a file comes with all that it imports, well-known types included', () => {
  const timestamp = file_google_protobuf_timestamp.proto;
  const own = create(FileDescriptorProtoSchema, {
    name: 'own.proto',
    package: 'own',
    syntax: 'proto3',
    dependency: [timestamp.name],
    messageType: [
      { name: 'Seen', field: [{ name: 'at', number: 1, type: 11, label: 1, typeName: '.google.protobuf.Timestamp' }] },
    ],
  });
  const set = create(FileDescriptorSetSchema, { file: [timestamp, own] });
  const index = new DescriptorIndex(toBinary(FileDescriptorSetSchema, set));
  const files = index.filesOf(index.bySymbol.get('own.Seen')).map((file) => fromBinary(FileDescriptorProtoSchema, file));
  expect(files.map(({ name }) => name)).toEqual(['own.proto', 'google/protobuf/timestamp.proto']);
  expect(files[0]).toEqual(own);
});
