import { defineProblem } from '@penstock/kernel';

// The messages are those of Confluent's registry: clients show them, and some compare them.
/** There is no such key, or it is deleted and that was not asked for. */
export const keyNotFound = defineProblem({ code: 'keys.not-found', status: 'NOT_FOUND', remedy: 'stop' });
/** A key is deleted for good only after it was deleted. */
export const keyNotSoftDeleted = defineProblem({ code: 'keys.not-soft-deleted', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** A DEK cannot be there again before its KEK is. */
export const keySoftDeleted = defineProblem({ code: 'keys.soft-deleted', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** A key of this name is there. */
export const keyExists = defineProblem({ code: 'keys.already-exists', status: 'ALREADY_EXISTS', remedy: 'stop' });
/** There are as many as there may be. */
export const tooManyKeys = defineProblem({ code: 'keys.too-many', status: 'RESOURCE_EXHAUSTED', remedy: 'stop' });
/** A field of a key is missing, or cannot be what it is. */
export const invalidKey = defineProblem({ code: 'keys.invalid', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** DEKs are wrapped with the KEK. */
export const keyReferenced = defineProblem({ code: 'keys.referenced', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** The KMS does not let this gateway use the key. */
export const kmsForbidden = defineProblem({ code: 'keys.kms-forbidden', status: 'PERMISSION_DENIED', remedy: 'stop' });
/** The KMS could not be asked, or did not do it. */
export const kmsFailed = defineProblem({ code: 'keys.kms-failed', status: 'UNAVAILABLE', remedy: 'stop' });
/** A KEK was to be tried before it is written, and the KMS did not do it. */
export const kekUntested = defineProblem({ code: 'keys.kek-untested', status: 'UNAVAILABLE', remedy: 'stop' });
/** A record of the topic that is not what its key says. */
export const badKeyRecord = defineProblem({ code: 'keys.bad-record', status: 'DATA_LOSS', remedy: 'stop' });

/** What REST answers: the first three digits are the status. */
export const keyErrorCodes: Readonly<Record<string, number>> = {
  [keyNotFound.code]: 40_470,
  [keyNotSoftDeleted.code]: 40_471,
  [keySoftDeleted.code]: 40_472,
  [keyExists.code]: 40_971,
  [tooManyKeys.code]: 40_972,
  [invalidKey.code]: 42_271,
  [keyReferenced.code]: 42_272,
  [kmsForbidden.code]: 40_370,
  [kmsFailed.code]: 50_070,
  [kekUntested.code]: 500,
};
