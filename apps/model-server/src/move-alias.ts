import { randomUUID } from 'node:crypto';
import type { AliasMove, Catalogue, ModelVersion, OpenCatalogue } from '@penstock/catalogue';
import type { models as api } from '@penstock/contracts';
import type { Clock } from '@penstock/kernel';
import { checkSameInputs, notServing, type ServedModels } from '@penstock/models';
import { checkName } from './names.ts';
import { aliasMoved, badRequest, nothingBefore } from './problems.ts';

export interface MoveParts {
  readonly catalogue: OpenCatalogue;
  readonly models: ServedModels;
  readonly clock: Clock;
}

/** Moves an alias to a version that has been loaded and checked, and answers when it serves. */
export async function moveAlias(parts: MoveParts, request: api.MoveAliasRequest, peer: string): Promise<AliasMove> {
  const { catalogue, models } = parts;
  const { model, alias, reason } = request;
  checkName('alias', alias);
  if (reason === '') throw badRequest('reason: expected why it is moved, for whoever reads the history');
  await catalogue.sync();
  const target = targetOf(catalogue.catalogue, request);
  return models.whileHeld(target, async () => {
    const move = await record(parts, request, { target, by: request.by || peer });
    await models.follow(model, alias);
    const served = models.alias(model, alias);
    if (served?.serving?.entry.version === move.to) return move;
    // Somebody else has moved it on in the meantime, or it cannot serve any more.
    if (catalogue.catalogue.resolve(model, alias)?.version !== move.to) return move;
    throw served?.problem ?? notServing(`model ${model}: version ${move.to} is recorded as ${alias} and does not serve yet`);
  });
}

function targetOf(catalogue: Catalogue, { model, alias, to }: api.MoveAliasRequest): ModelVersion {
  if (to?.$case === 'version') return catalogue.version(model, to.value);
  if (to?.$case !== 'rollback') throw badRequest('to: expected a version, or a rollback');
  const last = catalogue.moves(model).findLast((move) => move.alias === alias);
  if (last === undefined || last.from === null) {
    throw nothingBefore(`${alias} of model ${model} has served nothing else before`, { facts: { model, alias } });
  }
  return catalogue.version(model, last.from);
}

async function record(
  { catalogue, clock }: MoveParts,
  request: api.MoveAliasRequest,
  { target, by }: { readonly target: ModelVersion; readonly by: string },
): Promise<AliasMove> {
  const { model, alias, reason, expected } = request;
  const id = randomUUID();
  await catalogue.write((current) => {
    const now = current.resolve(model, alias);
    if (expected !== undefined && expected !== (now?.version ?? 0)) {
      throw aliasMoved(`${alias} of model ${model} points at ${now?.version ?? 'nothing'}, expected ${expected || 'nothing'}`);
    }
    if (now !== null) checkSameInputs(now, target);
    return current.move(target, alias, { id, reason, by, atMs: clock.nowMs() });
  });
  return catalogue.catalogue.moved(id) as AliasMove;
}
