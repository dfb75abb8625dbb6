import { messageOf, Problem } from '@penstock/kernel';
import { isVisible } from '../access/caller.ts';
import { seesKmsProps } from '../access/key-secrets.ts';
import { flag, paged, type Query } from '../rest/request.ts';
import { createKek, deleteKek, undeleteKek, updateKek } from './change-keks.ts';
import { invalidField } from './decide-dek.ts';
import { anyKek, liveKek, updated } from './decide-kek.ts';
import type { Kek } from './key.ts';
import { kekAnswer, testedKekAnswer } from './key-answers.ts';
import type { Keys } from './keys.ts';
import type { KeysDoor } from './keys-door.ts';
import { kekUntested } from './problems.ts';
import { checkName, keyPageOf, readKek, readKekUpdate } from './read-key.ts';
import { tryOut } from './wrap.ts';

/** `/dek-registry/v1/keks` and what is asked of one of them. */
export function addKekPaths(door: KeysDoor): void {
  const { gateway } = door;
  const { keys } = gateway.log.state;
  door.on('GET', ({ query }) => JSON.stringify(paged(kekNames(keys, query), keyPageOf(query))));
  door.on('GET /:name', ({ params, query }) => {
    const name = checkName(params['name'] ?? '');
    const kek = flag(query, 'deleted') ? anyKek(keys, name) : liveKek(keys, name);
    return kekAnswer(kek.shared && !seesKmsProps() ? { ...kek, kmsProps: new Map() } : kek);
  });
  door.on('POST', async ({ query, body, signal }) => {
    const wanted = readKek(body);
    if (wanted.shared && flag(query, 'testSharing')) await tested(wanted, 'creating');
    return kekAnswer(await createKek(gateway, wanted, signal));
  });
  door.on('PUT /:name', async ({ params, query, body, signal }) => {
    const name = checkName(params['name'] ?? '');
    const update = readKekUpdate(body);
    const after = updated(liveKek(keys, name), update);
    if (after.shared && flag(query, 'testSharing')) await tested(after, 'updating');
    await updateKek(gateway, { name, update }, signal);
    return kekAnswer(anyKek(keys, name));
  });
  door.on('DELETE /:name', async ({ params, query, signal }) => {
    await deleteKek(gateway, { name: checkName(params['name'] ?? ''), permanent: flag(query, 'permanent') }, signal);
    return null;
  });
  door.on('POST /:name/undelete', async ({ params, signal }) => {
    await undeleteKek(gateway, checkName(params['name'] ?? ''), signal);
    return null;
  });
  door.on('POST /:name/test', async ({ params }) => {
    const kek = liveKek(keys, checkName(params['name'] ?? ''));
    if (!kek.shared) throw invalidField('shared');
    await tryOut(kek);
    return testedKekAnswer(kek);
  });
}

/** All, or those that wrap a DEK of a subject that begins so, as far as the caller may see it. */
function kekNames(keys: Keys, query: Query): string[] {
  const deleted = flag(query, 'deleted');
  const prefixes = [query['subjectPrefix'] ?? []].flat();
  if (prefixes.length === 0) {
    const shown = keys.keks().filter((kek) => deleted || !kek.deleted);
    return shown.map(({ name }) => name);
  }
  const shown = keys.deks().filter((dek) => (deleted || !dek.deleted) && isVisible(dek.subject));
  const wrapping = shown.filter(({ subject }) => prefixes.some((prefix) => subject.startsWith(prefix)));
  return [...new Set(wrapping.map(({ kekName }) => kekName))].sort();
}

/** Throws `keys.kek-untested`. */
async function tested(kek: Kek, doing: 'creating' | 'updating'): Promise<void> {
  try {
    await tryOut(kek);
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    throw kekUntested(`Error while ${doing} key: ${messageOf(thrown)}`, { facts: thrown.facts, cause: thrown });
  }
}
