import { inference } from '@penstock/contracts';
import { Problem } from '@penstock/kernel';
import type { ServedModels } from '@penstock/models';
import { type GrpcHandlers, type GrpcServer, unary } from '@penstock/service';
import { outputsOf, writeAnswer } from './answers.ts';
import type { ModelMetrics } from './model-metrics.ts';
import { repositoryHandlers } from './repository-api.ts';
import { featuresOf, readTensors } from './tensors.ts';

export interface InferenceParts {
  readonly models: ServedModels;
  readonly metrics: ModelMetrics;
  /** Whether the doors of this service are open for work. */
  readonly isReady: () => boolean;
}

/**
 * The Open Inference Protocol, version 2. A model's name is its name in the catalogue; a version is a number or an alias, and the
 * alias `production` where there is none. Inputs go by their registered names.
 */
export function serveInference(server: GrpcServer, parts: InferenceParts): void {
  const handlers: GrpcHandlers<typeof inference.GRPCInferenceServiceService> = {
    serverLive: unary(async () => ({ live: true })),
    serverReady: unary(async () => ({ ready: parts.isReady() })),
    serverMetadata: unary(async () => ({ name: 'penstock-model-server', version: '2', extensions: ['model_repository'] })),
    modelReady: unary(async ({ name, version }: inference.ModelReadyRequest) => ({
      ready: isReady(parts.models, name, version),
    })),
    modelMetadata: unary(async ({ name, version }: inference.ModelMetadataRequest) => describe(parts.models, name, version)),
    modelInfer: unary((request: inference.ModelInferRequest) => infer(parts, request)),
    ...repositoryHandlers(parts.models),
  };
  server.add(inference.GRPCInferenceServiceService, handlers);
}

function isReady(models: ServedModels, name: string, version: string): boolean {
  try {
    return models.find(name, version) !== null;
  } catch (thrown) {
    if (thrown instanceof Problem) return false;
    throw thrown;
  }
}

function describe(models: ServedModels, name: string, version: string): inference.ModelMetadataResponse {
  const { entry, model } = models.find(name, version);
  return {
    name,
    versions: models.catalogue.versions(name).map((one) => String(one.version)),
    platform: 'onnx_onnxruntime',
    inputs: entry.inputs.map((input) => ({ name: input.name, datatype: 'FP32', shape: [-1n] })),
    outputs: outputsOf[model.kind].map((output) => ({ ...output, shape: [-1n] })),
  };
}

async function infer(
  { models, metrics }: InferenceParts,
  request: inference.ModelInferRequest,
): Promise<inference.ModelInferResponse> {
  const { entry, model } = models.find(request.modelName, request.modelVersion);
  const names = entry.inputs.map(({ name }) => name);
  const { rows, values } = featuresOf(readTensors(request), names, model.signature.input);
  // Asked before anything is waited for: a version that is being replaced answers whoever has found it.
  const answering = model.predict(values, rows);
  const answer = await metrics.timed({ model: entry.model, version: entry.version, rows, by: 'call' }, answering);
  const asked = { kind: model.kind, names: request.outputs.map(({ name }) => name), raw: request.rawInputContents.length > 0 };
  return {
    modelName: entry.model,
    modelVersion: String(entry.version),
    id: request.id,
    parameters: new Map(),
    ...writeAnswer(answer, asked),
  };
}
