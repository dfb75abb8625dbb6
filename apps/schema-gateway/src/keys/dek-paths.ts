import { isVisible } from '../access/caller.ts';
import { permitDecryption } from '../access/key-secrets.ts';
import { flag, paged } from '../rest/request.ts';
import { parseVersion } from '../schemas/find.ts';
import { createDek, deleteDeks, undeleteDeks } from './change-deks.ts';
import { findDek } from './decide-dek.ts';
import { anyKek, liveKek, notFound } from './decide-kek.ts';
import { versionMin } from './key.ts';
import { dekAnswer } from './key-answers.ts';
import type { DekLine } from './keys.ts';
import type { KeyCall, KeysDoor } from './keys-door.ts';
import { algorithmOf, checkName, checkSubject, keyPageOf, readDek } from './read-key.ts';
import { unwrap } from './wrap.ts';

/** `/dek-registry/v1/keks/<name>/deks` and what lies below. */
export function addDekPaths(door: KeysDoor): void {
  addReading(door);
  addCreating(door);
  addDeleting(door);
}

function addReading(door: KeysDoor): void {
  const { keys } = door.gateway.log.state;
  const show = async (call: KeyCall, version: number | 'latest'): Promise<string> => {
    const line = lineOf(call);
    const deleted = flag(call.query, 'deleted');
    const kek = deleted ? anyKek(keys, line.kekName) : liveKek(keys, line.kekName);
    const dek = findDek(keys, { ...line, version }, deleted);
    if (dek === null) throw notFound(line.subject);
    if (!kek.shared) return dekAnswer(dek, null);
    permitDecryption(dek.subject);
    return dekAnswer(dek, await unwrap(kek, dek));
  };
  door.on('GET /:name/deks', ({ params, query }) => {
    const deleted = flag(query, 'deleted');
    const name = checkName(params['name'] ?? '');
    const kek = deleted ? anyKek(keys, name) : liveKek(keys, name);
    const shown = keys.deks(kek.name).filter((dek) => (deleted || !dek.deleted) && isVisible(dek.subject));
    return JSON.stringify(paged([...new Set(shown.map(({ subject }) => subject))].sort(), keyPageOf(query)));
  });
  door.on('GET /:name/deks/:subject', (call) => show(call, versionMin));
  door.on('GET /:name/deks/:subject/versions/:version', (call) => show(call, parseVersion(call.params['version'] ?? '')));
  door.on('GET /:name/deks/:subject/versions', (call) => {
    const deleted = flag(call.query, 'deleted');
    const line = lineOf(call);
    if (deleted) anyKek(keys, line.kekName);
    else liveKek(keys, line.kekName);
    const shown = keys.versions(line).filter((dek) => deleted || !dek.deleted);
    const versions = shown.map(({ version }) => version);
    return JSON.stringify(paged(versions, keyPageOf(call.query)));
  });
}

function addCreating(door: KeysDoor): void {
  const create = async ({ params, query, body, signal }: KeyCall): Promise<string> => {
    const place = { kekName: params['name'] ?? '', subject: params['subject'] ?? null };
    const rewrap = place.subject !== null && flag(query, 'rewrap');
    const { dek, keyMaterial } = await createDek(door.gateway, { ...readDek(body, place), rewrap }, signal);
    return dekAnswer(dek, keyMaterial);
  };
  door.on('POST /:name/deks', create);
  door.on('POST /:name/deks/:subject', create);
}

function addDeleting(door: KeysDoor): void {
  const remove = async (call: KeyCall): Promise<null> => {
    const choice = { ...lineOf(call), version: chosenVersion(call), permanent: flag(call.query, 'permanent') };
    await deleteDeks(door.gateway, choice, call.signal);
    return null;
  };
  const undelete = async (call: KeyCall): Promise<null> => {
    await undeleteDeks(door.gateway, { ...lineOf(call), version: chosenVersion(call) }, call.signal);
    return null;
  };
  for (const path of ['/:name/deks/:subject', '/:name/deks/:subject/versions/:version'] as const) {
    door.on(`DELETE ${path}`, remove);
    door.on(`POST ${path}/undelete`, undelete);
  }
}

function lineOf({ params, query }: KeyCall): DekLine {
  const algorithm = algorithmOf(query);
  return { kekName: checkName(params['name'] ?? ''), subject: checkSubject(params['subject'] ?? ''), algorithm };
}

function chosenVersion({ params }: KeyCall): number | 'latest' | 'all' {
  const version = params['version'];
  return version === undefined ? 'all' : parseVersion(version);
}
