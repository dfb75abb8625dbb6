import { status as codes, Metadata, type StatusObject } from '@grpc/grpc-js';
import { errorDetails, status as rpcStatus } from '@penstock/contracts';
import { Problem, type ProblemKind, type Remedy, type Status } from '@penstock/kernel';

const domain = 'penstock';
const errorInfoType = 'type.googleapis.com/google.rpc.ErrorInfo';
const detailsHeader = 'grpc-status-details-bin';
type ErrorInfo = errorDetails.ErrorInfo;

const retryable = new Set<string>(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED', 'ABORTED']);

/** A problem as gRPC carries it: its status, its message, and a google.rpc.ErrorInfo with its code, its remedy and its facts. */
export function statusOf(problem: Problem): StatusObject {
  const code = codes[problem.kind.status];
  const metadata = new Metadata();
  const facts = Object.entries(problem.facts).map(([name, value]): [string, string] => [name, String(value)]);
  const info = new Map([...facts, ['code', problem.code], ['remedy', problem.remedy]]);
  const errorInfo = { reason: reasonOf(problem.code), domain, metadata: info };
  metadata.set(detailsHeader, encodeDetails({ code, message: problem.message }, errorInfo));
  return { code, details: problem.message, metadata };
}

/** The problem that another service answered with; what a foreign service answers becomes `grpc.<status>`. */
export function problemOf({ code, details, metadata }: StatusObject): Problem {
  const name = codes[code] ?? 'UNKNOWN';
  const info = decodeDetails(metadata?.get(detailsHeader)[0]);
  const remedy = info.get('remedy') ?? (retryable.has(name) ? 'retry' : 'stop');
  const kind: ProblemKind = {
    code: info.get('code') ?? `grpc.${name.toLowerCase().replaceAll('_', '-')}`,
    status: name === 'UNKNOWN' ? 'INTERNAL' : name === 'CANCELLED' ? 'ABORTED' : (name as Status),
    remedy: remedy as Remedy,
  };
  info.delete('code');
  info.delete('remedy');
  return new Problem(kind, details, { facts: Object.fromEntries(info) });
}

/** ErrorInfo wants its reason in capitals: `kafka.unreachable` is `KAFKA_UNREACHABLE`. */
function reasonOf(code: string): string {
  return code.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
}

function encodeDetails({ code, message }: { code: number; message: string }, info: ErrorInfo): Buffer {
  const detail = { typeUrl: errorInfoType, value: Buffer.from(errorDetails.ErrorInfo.encode(info).finish()) };
  return Buffer.from(rpcStatus.Status.encode({ code, message, details: [detail] }).finish());
}

function decodeDetails(bytes: string | Buffer | undefined): Map<string, string> {
  if (!(bytes instanceof Uint8Array)) return new Map();
  try {
    const info = rpcStatus.Status.decode(bytes).details.find(({ typeUrl }) => typeUrl === errorInfoType);
    return info === undefined ? new Map() : errorDetails.ErrorInfo.decode(info.value).metadata;
  } catch {
    return new Map(); // another service's details, which need not be ours
  }
}
