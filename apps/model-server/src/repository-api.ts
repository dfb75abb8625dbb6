import type { ModelVersion } from '@penstock/catalogue';
import type { inference } from '@penstock/contracts';
import { type ServedModels, unknownModel } from '@penstock/models';
import { type GrpcHandlers, unary } from '@penstock/service';
import { badRequest } from './problems.ts';

type Handlers = Pick<
  GrpcHandlers<typeof inference.GRPCInferenceServiceService>,
  'repositoryIndex' | 'repositoryModelLoad' | 'repositoryModelUnload'
>;

const states = { stored: 'UNAVAILABLE', loading: 'LOADING', ready: 'READY', refused: 'UNAVAILABLE' } as const;

/** The model repository extension: what there is, and loading of versions that no alias serves. */
export function repositoryHandlers(models: ServedModels): Handlers {
  return {
    repositoryIndex: unary(async ({ ready }: inference.RepositoryIndexRequest) => ({
      models: indexOf(models).filter(({ state }) => !ready || state === 'READY'),
    })),
    repositoryModelLoad: unary(async (request: inference.RepositoryModelLoadRequest) => {
      await models.pin(versionOf(models, request));
      return {};
    }),
    repositoryModelUnload: unary(async (request: inference.RepositoryModelUnloadRequest) => {
      await models.unpin(versionOf(models, request));
      return {};
    }),
  };
}

function indexOf(models: ServedModels): inference.RepositoryIndexResponse_ModelIndex[] {
  return models.catalogue.models().flatMap((name) =>
    models.catalogue.versions(name).map((entry) => {
      const shelved = models.stateOf(entry);
      const reason = shelved.state === 'refused' ? shelved.problem.message : '';
      return { name, version: String(entry.version), state: states[shelved.state], reason };
    }),
  );
}

/** The parameter `version` names a number or an alias; without it the newest version is meant. */
function versionOf(
  { catalogue }: ServedModels,
  { modelName, parameters }: Pick<inference.RepositoryModelLoadRequest, 'modelName' | 'parameters'>,
): ModelVersion {
  const newest = catalogue.versions(modelName).at(-1);
  if (newest === undefined) throw unknownModel(`there is no model ${modelName}`, { facts: { model: modelName } });
  const choice = parameters.get('version')?.parameterChoice;
  if (choice === undefined) return newest;
  if (choice.$case !== 'stringParam' && choice.$case !== 'int64Param') throw badRequest('version: expected a string or a number');
  const version = String(choice.value);
  if (/^\d+$/.test(version)) return catalogue.version(modelName, Number(version));
  const found = catalogue.resolve(modelName, version);
  if (found === null)
    throw unknownModel(`model ${modelName} has no alias ${version}`, { facts: { model: modelName, alias: version } });
  return found;
}
