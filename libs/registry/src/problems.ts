import { defineProblem } from '@penstock/kernel';

// The messages are those of Confluent's registry: clients show them, and some compare them.
export const unknownSubject = defineProblem({ code: 'registry.unknown-subject', status: 'NOT_FOUND', remedy: 'stop' });
export const unknownVersion = defineProblem({ code: 'registry.unknown-version', status: 'NOT_FOUND', remedy: 'stop' });
export const unknownSchema = defineProblem({ code: 'registry.unknown-schema', status: 'NOT_FOUND', remedy: 'stop' });
export const subjectSoftDeleted = defineProblem({
  code: 'registry.subject-soft-deleted',
  status: 'FAILED_PRECONDITION',
  remedy: 'stop',
});
export const subjectNotSoftDeleted = defineProblem({
  code: 'registry.subject-not-soft-deleted',
  status: 'FAILED_PRECONDITION',
  remedy: 'stop',
});
export const versionSoftDeleted = defineProblem({
  code: 'registry.version-soft-deleted',
  status: 'FAILED_PRECONDITION',
  remedy: 'stop',
});
export const versionNotSoftDeleted = defineProblem({
  code: 'registry.version-not-soft-deleted',
  status: 'FAILED_PRECONDITION',
  remedy: 'stop',
});
export const noConfig = defineProblem({ code: 'registry.no-config', status: 'NOT_FOUND', remedy: 'stop' });
export const noMode = defineProblem({ code: 'registry.no-mode', status: 'NOT_FOUND', remedy: 'stop' });
export const incompatible = defineProblem({ code: 'registry.incompatible', status: 'FAILED_PRECONDITION', remedy: 'stop' });
export const invalidSchema = defineProblem({ code: 'registry.invalid-schema', status: 'INVALID_ARGUMENT', remedy: 'stop' });
export const invalidVersion = defineProblem({ code: 'registry.invalid-version', status: 'INVALID_ARGUMENT', remedy: 'stop' });
export const invalidLevel = defineProblem({ code: 'registry.invalid-compatibility', status: 'INVALID_ARGUMENT', remedy: 'stop' });
export const invalidMode = defineProblem({ code: 'registry.invalid-mode', status: 'INVALID_ARGUMENT', remedy: 'stop' });
export const invalidSubject = defineProblem({ code: 'registry.invalid-subject', status: 'INVALID_ARGUMENT', remedy: 'stop' });
export const notPermitted = defineProblem({ code: 'registry.not-permitted', status: 'FAILED_PRECONDITION', remedy: 'stop' });
export const referenced = defineProblem({ code: 'registry.referenced', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** No verdict can be given, which is not the same as compatible. */
export const noVerdict = defineProblem({ code: 'registry.no-verdict', status: 'UNIMPLEMENTED', remedy: 'stop' });
/** A record of the topic that is not what its key says. */
export const badRecord = defineProblem({ code: 'registry.bad-record', status: 'DATA_LOSS', remedy: 'stop' });
