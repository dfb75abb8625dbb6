import type { Need } from './need.ts';
import { given, isTrue, onSubject, type RestQuestion, type RestRight, undeclared } from './rest-question.ts';

const keks = '/dek-registry/v1/keks';
const deks = `${keks}/:name/deks`;

const known: RestRight = { need: () => ({ action: 'read', on: 'anything' }) };
const list: RestRight = { ...known, filtered: true };
const read: RestRight = { need: onSubject('read') };
/** Where the KEK is shared the answer holds the open key. */
const open: RestRight = { need: onSubject('read'), unseen: onSubject('decrypt') };
/** It may say how to log in at the KMS. */
const kek: RestRight = { ...known, unseen: () => ({ action: 'decrypt', on: 'anything' }) };
/** A KEK is nobody's alone, and says which KMS is to be asked. */
const administer = undeclared;
const create: RestRight = { need: creating, isChange: true };
const remove: RestRight = { need: removing, isChange: true };
const undelete: RestRight = { need: onSubject('register'), isChange: true };

/** The paths of keys: a DEK goes with its subject, KEKs are for whoever may do everything. */
export const keyRights: Readonly<Record<string, RestRight>> = {
  [`GET ${keks}`]: list,
  [`POST ${keks}`]: administer,
  [`GET ${keks}/:name`]: kek,
  [`PUT ${keks}/:name`]: administer,
  [`DELETE ${keks}/:name`]: administer,
  [`POST ${keks}/:name/undelete`]: administer,
  [`POST ${keks}/:name/test`]: administer,
  [`GET ${deks}`]: list,
  [`POST ${deks}`]: create,
  [`GET ${deks}/:subject`]: open,
  [`POST ${deks}/:subject`]: create,
  [`DELETE ${deks}/:subject`]: remove,
  [`POST ${deks}/:subject/undelete`]: undelete,
  [`GET ${deks}/:subject/versions`]: read,
  [`GET ${deks}/:subject/versions/:version`]: open,
  [`DELETE ${deks}/:subject/versions/:version`]: remove,
  [`POST ${deks}/:subject/versions/:version/undelete`]: undelete,
};

/** Where keys are asked for. */
export const keyPaths: readonly string[] = [...new Set(Object.keys(keyRights).map((line) => line.slice(line.indexOf(' ') + 1)))];

/** Below a KEK alone the body names the subject, and nothing is known of it before it is read. Rewrapping replaces what is there. */
function creating({ params, query, body }: RestQuestion): Need {
  const action = given(query, 'rewrap').some(isTrue) ? 'configure' : 'register';
  const { subject } = Object(body) as { subject?: unknown };
  const named = params['subject'] ?? (body === undefined ? null : String(subject ?? ''));
  return { action, on: named === null ? 'anything' : { subject: named } };
}

function removing(question: RestQuestion): Need {
  return onSubject(given(question.query, 'permanent').some(isTrue) ? 'purge' : 'delete')(question);
}
