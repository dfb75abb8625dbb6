import { models as api } from '@penstock/contracts';
import { Bell } from '@penstock/kernel';
import type { ServedModels } from '@penstock/models';
import { clientStream, type GrpcCall, type GrpcServer, serverStream, unary } from '@penstock/service';
import { modelMessage, moveMessage, summaryMessage, versionMessage } from './model-messages.ts';
import { type MoveParts, moveAlias } from './move-alias.ts';
import { type RegisterParts, registerModel } from './register-model.ts';

const chunkBytes = 1_048_576;

/** What other teams ask about models, and how they change which of them serves. */
export function serveModels(server: GrpcServer, parts: RegisterParts & MoveParts): void {
  const { models } = parts;
  server.add(api.ModelsServiceService, {
    listModels: unary(async () => ({ models: models.catalogue.models().map((model) => summaryMessage(models, model)) })),
    getModel: unary(async ({ model }: api.GetModelRequest) => ({ model: modelMessage(models, model) })),
    watchModel: serverStream(({ model }: api.WatchModelRequest, call) => watch(models, model, call)),
    registerModel: clientStream(async (requests: AsyncIterable<api.RegisterModelRequest>) => {
      return { version: versionMessage(models, await registerModel(parts, requests)) };
    }),
    moveAlias: unary(async (request: api.MoveAliasRequest, call) => ({
      move: moveMessage(await moveAlias(parts, request, call.peer)),
    })),
    downloadModel: serverStream(({ model, version }: api.DownloadModelRequest) => download(models, model, version)),
  });
}

/** A model now and after changes; several changes at once are told once. */
async function* watch(models: ServedModels, model: string, { signal }: GrpcCall): AsyncGenerator<api.WatchModelResponse> {
  const bell = new Bell();
  const ring = (): void => bell.ring();
  const stopListening = models.onChange(ring);
  signal.addEventListener('abort', ring, { once: true });
  try {
    while (!signal.aborted) {
      yield { model: modelMessage(models, model) };
      await bell.wait();
    }
  } finally {
    stopListening();
    signal.removeEventListener('abort', ring);
  }
}

async function* download({ catalogue }: ServedModels, model: string, version: number): AsyncGenerator<api.DownloadModelResponse> {
  const bytes = catalogue.bytes(catalogue.version(model, version));
  for (let at = 0; at < bytes.length; at += chunkBytes) yield { chunk: Buffer.from(bytes.subarray(at, at + chunkBytes)) };
}
