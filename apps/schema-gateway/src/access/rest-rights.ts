import { contextOf, plainName, subjectIn } from '@penstock/registry';
import { keyRights } from './key-rights.ts';
import type { Need } from './need.ts';
import { given, isTrue, onSubject, type RestQuestion, type RestRight, undeclared } from './rest-question.ts';

type Right = RestRight;

const open: Right = { need: null };
const known: Right = { need: () => ({ action: 'read', on: 'anything' }) };
const list: Right = { ...known, filtered: true };
const read: Right = { need: onSubject('read') };
const configureAll = undeclared;
const configure: Right = { need: configuring, isChange: true };
const register: Right = { need: registering, isChange: true };
const remove: Right = { need: removing, isChange: true };
const lookup: Right = { need: (question) => ({ ...onSubject('read')(question), reads: referencesOf(question) }) };

/** Every path, by its method. A test demands that each path of the door is here. */
export const restRights: Readonly<Record<string, RestRight>> = {
  'GET /': open,
  'GET /v1/metadata/id': known,
  'GET /v1/metadata/version': known,
  'GET /v1/metadata/deployment': known,
  'POST /': known,
  'GET /contexts': list,
  'DELETE /contexts/:context': configureAll,
  'GET /schemas': list,
  'GET /schemas/types': known,
  'GET /schemas/ids/:id': list,
  'GET /schemas/ids/:id/*': list,
  'GET /schemas/ids/:id/schema': list,
  'GET /schemas/ids/:id/subjects': list,
  'GET /schemas/ids/:id/versions': list,
  'GET /schemas/guids/:guid': list,
  'GET /schemas/guids/:guid/*': list,
  'GET /schemas/guids/:guid/ids': list,
  'GET /subjects': list,
  'POST /subjects/:subject': lookup,
  'DELETE /subjects/:subject': remove,
  'GET /subjects/:subject/metadata': read,
  'GET /subjects/:subject/versions': read,
  'POST /subjects/:subject/versions': register,
  'GET /subjects/:subject/versions/:version': read,
  'DELETE /subjects/:subject/versions/:version': remove,
  'POST /subjects/:subject/versions/:version/tags': register,
  'GET /subjects/:subject/versions/:version/schema': read,
  'GET /subjects/:subject/versions/:version/referencedby': read,
  'POST /compatibility/subjects/:subject/versions': lookup,
  'POST /compatibility/subjects/:subject/versions/:version': lookup,
  'GET /config': known,
  'PUT /config': configureAll,
  'DELETE /config': configureAll,
  'GET /config/:subject': read,
  'PUT /config/:subject': configure,
  'DELETE /config/:subject': configure,
  'GET /mode': known,
  'PUT /mode': configureAll,
  'DELETE /mode': configureAll,
  'GET /mode/:subject': read,
  'PUT /mode/:subject': configure,
  'DELETE /mode/:subject': configure,
  ...keyRights,
};

/** A dry run is a check; a reason says that the guard is to be passed over, and force that what was before is not looked at. */
function registering(question: RestQuestion): Need {
  const { query } = question;
  const isDry = given(query, 'dryRun').length > 0 && given(query, 'dryRun').every(isTrue);
  const isOverriding = given(query, 'overrideReason').some((reason) => reason !== '') || given(query, 'force').some(isTrue);
  const action = isDry ? 'read' : isOverriding ? 'override' : 'register';
  return { ...onSubject(action)(question), reads: referencesOf(question) };
}

function removing(question: RestQuestion): Need {
  return onSubject(given(question.query, 'permanent').some(isTrue) ? 'purge' : 'delete')(question);
}

/** Through an alias a subject shows another one. */
function configuring(question: RestQuestion): Need {
  // The default context under a name is the default for all.
  if (plainName(question.params['subject'] ?? '') === '') return { action: 'configure', on: 'everything' };
  const { alias } = Object(question.body) as { alias?: unknown };
  return { ...onSubject('configure')(question), reads: typeof alias === 'string' && alias !== '' ? [alias] : [] };
}

/** References without a context are meant in that of the subject. */
function referencesOf({ params, body }: RestQuestion): string[] {
  const { references } = Object(body) as { references?: unknown };
  const context = contextOf(params['subject'] ?? '');
  if (!Array.isArray(references)) return [];
  return references.flatMap((reference) => {
    const { subject } = Object(reference) as { subject?: unknown };
    return typeof subject === 'string' ? [subjectIn(context, subject)] : [];
  });
}
