import { type Problem, type ProblemMaker } from '@penstock/kernel';
import { registryProblems } from '@penstock/registry';
import { upstreamAway, upstreamRefused, upstreamSilent } from '../problems.ts';
import { isFailing } from './judge-answer.ts';
import type { UpstreamAnswer } from './upstream-client.ts';

const problems: Readonly<Record<number, ProblemMaker>> = {
  404: registryProblems.unknownSchema,
  40_401: registryProblems.unknownSubject,
  40_402: registryProblems.unknownVersion,
  40_403: registryProblems.unknownSchema,
  40_404: registryProblems.subjectSoftDeleted,
  40_405: registryProblems.subjectNotSoftDeleted,
  40_406: registryProblems.versionSoftDeleted,
  40_407: registryProblems.versionNotSoftDeleted,
  40_408: registryProblems.noConfig,
  40_409: registryProblems.noMode,
  409: registryProblems.incompatible,
  40_901: registryProblems.incompatible,
  42_201: registryProblems.invalidSchema,
  42_202: registryProblems.invalidVersion,
  42_203: registryProblems.invalidLevel,
  42_204: registryProblems.invalidMode,
  42_205: registryProblems.notPermitted,
  42_206: registryProblems.referenced,
  42_208: registryProblems.invalidSubject,
  42_210: registryProblems.invalidRuleSet,
  42_211: registryProblems.contextNotEmpty,
  501: registryProblems.noVerdict,
  50_002: upstreamSilent,
};

/** The problem behind an answer that refuses; `line` says what was asked. */
export function refusalOf(answer: UpstreamAnswer, line: string): Problem {
  const { error_code: errorCode = answer.status, message = '' } = said(answer);
  const make = problems[errorCode] ?? problems[answer.status] ?? (isFailing(answer) ? upstreamAway : upstreamRefused);
  return make(message || `upstream › ${line}: ${answer.status}`, { facts: { status: answer.status, errorCode } });
}

function said({ body }: UpstreamAnswer): { error_code?: number; message?: string } {
  try {
    return (JSON.parse(body.toString('utf8')) ?? {}) as { error_code?: number; message?: string };
  } catch {
    return {};
  }
}
