import { models } from '@penstock/contracts';
import { createRandom } from '@penstock/kernel';
import { createGrpcClient } from '@penstock/service';
import { parseTreeParams, toOnnx, trainTrees } from '@penstock/training';

const rows = 400;

export interface ServedModel {
  readonly model: string;
  /** Somebody is in where the first and the last of them are high. */
  readonly inputs: readonly string[];
}

/** Trains a small model, registers it and lets it serve as `production`, all by the API that everybody has. */
export async function serveModel(address: string, { model, inputs }: ServedModel): Promise<void> {
  const random = createRandom(1);
  const columns = inputs.map(() => Float64Array.from({ length: rows }, () => random() * 1_000));
  const [first, last] = [columns[0], columns.at(-1)];
  const labels = Float64Array.from({ length: rows }, (_, row) => ((first?.[row] ?? 0) + (last?.[row] ?? 0) > 1_000 ? 1 : 0));
  const forest = await trainTrees({ columns, labels }, { params: parseTreeParams({ treesMax: 20, leafRowsMin: 5 }), seed: 1 });
  const registration = models.Registration.fromPartial({
    model,
    inputs: inputs.map((name) => ({ name, type: 'number' })),
    trainer: 'trees',
    trigger: { kind: 'api', detail: '' },
  });
  using registry = createGrpcClient(models.ModelsServiceClient, address);
  const parts = async function* (): AsyncGenerator<models.RegisterModelRequest> {
    yield { part: { $case: 'registration', value: registration } };
    yield { part: { $case: 'chunk', value: Buffer.from(toOnnx(forest, [...inputs])) } };
  };
  const { version } = await registry.registerModel(parts());
  const to = { $case: 'version' as const, value: version?.version ?? 1 };
  await registry.moveAlias(models.MoveAliasRequest.fromPartial({ model, alias: 'production', to, reason: 'the first' }));
}
