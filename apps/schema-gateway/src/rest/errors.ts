import { Problem } from '@penstock/kernel';
import { keyErrorCodes } from '../keys/problems.ts';

/** What the REST API answers when it does not do what was asked. */
export interface RestError {
  readonly status: number;
  readonly errorCode: number;
  readonly message: string;
}

/** Confluent's error codes: the first three digits are the status. */
const codes: Readonly<Record<string, number>> = {
  'registry.unknown-subject': 40_401,
  'registry.unknown-version': 40_402,
  'registry.unknown-schema': 40_403,
  'registry.subject-soft-deleted': 40_404,
  'registry.subject-not-soft-deleted': 40_405,
  'registry.version-soft-deleted': 40_406,
  'registry.version-not-soft-deleted': 40_407,
  'registry.no-config': 40_408,
  'registry.no-mode': 40_409,
  // Its main line says 40901 by now; clients know what it said until then, as franz-go, which compares it.
  'registry.incompatible': 409,
  'gateway.breaks-pipelines': 409,
  'registry.invalid-schema': 42_201,
  'registry.invalid-version': 42_202,
  'registry.invalid-compatibility': 42_203,
  'registry.invalid-mode': 42_204,
  'registry.not-permitted': 42_205,
  'registry.referenced': 42_206,
  'registry.invalid-subject': 42_208,
  'kafka.record-too-large': 42_209,
  'registry.invalid-rule-set': 42_210,
  'registry.context-not-empty': 42_211,
  'registry.no-verdict': 501,
  'schema.not-supported': 501,
  'access.unauthenticated': 40_101,
  'access.denied': 40_301,
  'access.throttled': 42_901,
  'access.keys-unreachable': 50_301,
  ...keyErrorCodes,
  'gateway.bad-request': 400,
  'gateway.store-timeout': 50_002,
  'gateway.upstream-silent': 50_002,
  'gateway.upstream-away': 50_301,
};
const storeFailed = 50_001;

/** Null for a defect. */
export function restErrorOf(thrown: unknown): RestError | null {
  if (thrown instanceof Problem) {
    const errorCode = codes[thrown.code] ?? storeFailed;
    return { status: statusOf(errorCode), errorCode, message: thrown.message };
  }
  const status = thrown instanceof Error && 'statusCode' in thrown ? thrown.statusCode : undefined;
  return typeof status === 'number' && status < 500 ? httpError(status) : null;
}

/** As Jersey words what is wrong with the request itself. */
export function httpError(status: number): RestError {
  return { status, errorCode: status, message: `HTTP ${status} ${reasons[status] ?? 'Error'}` };
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Long',
  415: 'Unsupported Media Type',
};

function statusOf(errorCode: number): number {
  return errorCode > 999 ? Math.floor(errorCode / 100) : errorCode;
}
