import { currentCaller } from './caller.ts';
import { denied } from './problems.ts';

/** Which schemas a document registers is known when it has been judged. Throws `access.denied`. */
export function permitSubjects(subjects: Iterable<string>): void {
  const { grants = null, principal = '' } = currentCaller() ?? {};
  for (const subject of subjects) {
    if (grants === null || grants.may('register', subject)) continue;
    const said = `User is denied operation: the document registers a schema for ${subject}, which ${principal} may not`;
    throw denied(said, { facts: { subject } });
  }
}
