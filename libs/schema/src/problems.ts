import { defineProblem } from '@penstock/kernel';

/** A schema's text that its own format does not allow. */
export const invalidSchema = defineProblem({ code: 'schema.invalid-schema', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** A schema, mode or question that is well formed and that this build has no answer to. */
export const notSupported = defineProblem({ code: 'schema.not-supported', status: 'UNIMPLEMENTED', remedy: 'stop' });
/** A column and a schema's field that cannot carry the same values; found when a codec is compiled. */
export const unfitColumn = defineProblem({ code: 'schema.unfit-column', status: 'FAILED_PRECONDITION', remedy: 'stop' });

/** The first bytes of a payload are not Confluent's wire format. */
export const invalidFrame = defineProblem({ code: 'schema.invalid-frame', status: 'INVALID_ARGUMENT', remedy: 'reject' });
/** A caught-up registry does not know the id that a payload names. */
export const unknownSchema = defineProblem({ code: 'schema.unknown-id', status: 'NOT_FOUND', remedy: 'reject' });
/** The schema that a payload names exists, but the columns of the stage cannot be filled from it. */
export const unusableSchema = defineProblem({ code: 'schema.unusable', status: 'FAILED_PRECONDITION', remedy: 'reject' });
/** Truncated or trailing bytes, text that is not UTF-8, JSON that does not parse. */
export const invalidPayload = defineProblem({ code: 'schema.invalid-payload', status: 'INVALID_ARGUMENT', remedy: 'reject' });
/** A record that a rule of its schema keeps back. */
export const brokenRule = defineProblem({ code: 'schema.broken-rule', status: 'FAILED_PRECONDITION', remedy: 'reject' });
/** A value of another type than the schema says. */
export const wrongType = defineProblem({ code: 'schema.wrong-type', status: 'INVALID_ARGUMENT', remedy: 'reject' });
/** A field that must be there is not. */
export const missingField = defineProblem({ code: 'schema.missing-field', status: 'INVALID_ARGUMENT', remedy: 'reject' });
/** A field that the schema does not know. */
export const unknownField = defineProblem({ code: 'schema.unknown-field', status: 'INVALID_ARGUMENT', remedy: 'reject' });
/** NaN or an infinity: in a column NaN means null, so a reading that holds one must not pass for a missing one. */
export const notFinite = defineProblem({ code: 'schema.not-finite', status: 'OUT_OF_RANGE', remedy: 'reject' });
/** An integer that its type or a double (2^53) cannot hold. */
export const integerOutOfRange = defineProblem({ code: 'schema.integer-out-of-range', status: 'OUT_OF_RANGE', remedy: 'reject' });

/** The registry does not answer: records wait until it does. */
export const registryUnreachable = defineProblem({ code: 'schema.registry-unreachable', status: 'UNAVAILABLE', remedy: 'retry' });
/** The registry answered and said no: an incompatible schema, a bad request. */
export const registryRefused = defineProblem({ code: 'schema.registry-refused', status: 'FAILED_PRECONDITION', remedy: 'stop' });

/** A KMS that this build does not speak to. */
export const kmsNotSupported = defineProblem({ code: 'schema.kms-not-supported', status: 'UNIMPLEMENTED', remedy: 'reject' });
/** The KMS answered and said no, or what it needs to be asked is not given. */
export const kmsRefused = defineProblem({ code: 'schema.kms-refused', status: 'PERMISSION_DENIED', remedy: 'reject' });
/** The KMS does not answer: records wait until it does. */
export const kmsUnreachable = defineProblem({ code: 'schema.kms-unreachable', status: 'UNAVAILABLE', remedy: 'retry' });
/** The key that a rule names is not there, may not be had, or is another one than the rule says. */
export const noKey = defineProblem({ code: 'schema.no-key', status: 'FAILED_PRECONDITION', remedy: 'reject' });
/** What is to be encrypted cannot be: records wait until the key that the rule names can be had, for without it they would go in clear. */
export const keyAwaited = defineProblem({ code: 'schema.key-awaited', status: 'UNAVAILABLE', remedy: 'retry' });
