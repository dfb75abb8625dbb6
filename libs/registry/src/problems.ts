import { defineProblem } from '@penstock/kernel';

// The messages are those of Confluent's registry: clients show them, and some compare them.
/** No schema was registered under this subject. */
export const unknownSubject = defineProblem({ code: 'registry.unknown-subject', status: 'NOT_FOUND', remedy: 'stop' });
/** The subject has no such version. */
export const unknownVersion = defineProblem({ code: 'registry.unknown-version', status: 'NOT_FOUND', remedy: 'stop' });
/** No schema has this id, or this text is not registered. */
export const unknownSchema = defineProblem({ code: 'registry.unknown-schema', status: 'NOT_FOUND', remedy: 'stop' });
/** The subject is deleted already; deleting it for good takes another request. */
export const subjectSoftDeleted = defineProblem({
  code: 'registry.subject-soft-deleted',
  status: 'FAILED_PRECONDITION',
  remedy: 'stop',
});
/** A subject is deleted for good only after it was deleted. */
export const subjectNotSoftDeleted = defineProblem({
  code: 'registry.subject-not-soft-deleted',
  status: 'FAILED_PRECONDITION',
  remedy: 'stop',
});
/** The version is deleted already; deleting it for good takes another request. */
export const versionSoftDeleted = defineProblem({
  code: 'registry.version-soft-deleted',
  status: 'FAILED_PRECONDITION',
  remedy: 'stop',
});
/** A version is deleted for good only after it was deleted. */
export const versionNotSoftDeleted = defineProblem({
  code: 'registry.version-not-soft-deleted',
  status: 'FAILED_PRECONDITION',
  remedy: 'stop',
});
/** The subject has no compatibility level of its own. */
export const noConfig = defineProblem({ code: 'registry.no-config', status: 'NOT_FOUND', remedy: 'stop' });
/** The subject has no mode of its own. */
export const noMode = defineProblem({ code: 'registry.no-mode', status: 'NOT_FOUND', remedy: 'stop' });
/** The schema would break readers of the versions before it. */
export const incompatible = defineProblem({ code: 'registry.incompatible', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** The text is no schema of its format. */
export const invalidSchema = defineProblem({ code: 'registry.invalid-schema', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** Rules that cannot be stored: a name twice, a mode that does not belong there. */
export const invalidRuleSet = defineProblem({ code: 'registry.invalid-rule-set', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** A version is a number from 1, or `latest`. */
export const invalidVersion = defineProblem({ code: 'registry.invalid-version', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** There is no such compatibility level. */
export const invalidLevel = defineProblem({ code: 'registry.invalid-compatibility', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** There is no such mode. */
export const invalidMode = defineProblem({ code: 'registry.invalid-mode', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** A name that no subject may have. */
export const invalidSubject = defineProblem({ code: 'registry.invalid-subject', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** The mode of the subject does not permit it. */
export const notPermitted = defineProblem({ code: 'registry.not-permitted', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** Other schemas refer to the version. */
export const referenced = defineProblem({ code: 'registry.referenced', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** A context is forgotten only when it holds nothing, deleted subjects included. */
export const contextNotEmpty = defineProblem({
  code: 'registry.context-not-empty',
  status: 'FAILED_PRECONDITION',
  remedy: 'stop',
});
/** No verdict can be given, which is not the same as compatible. */
export const noVerdict = defineProblem({ code: 'registry.no-verdict', status: 'UNIMPLEMENTED', remedy: 'stop' });
/** A record of the topic that is not what its key says. */
export const badRecord = defineProblem({ code: 'registry.bad-record', status: 'DATA_LOSS', remedy: 'stop' });
