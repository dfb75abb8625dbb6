import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { status as codes, Metadata, type StatusObject } from '@grpc/grpc-js';
import { Problem, type ProblemKind, type Remedy, type Status } from '@penstock/kernel';

const domain = 'penstock';
const errorInfoType = 'type.googleapis.com/google.rpc.ErrorInfo';
const detailsHeader = 'grpc-status-details-bin';
const retryable = new Set<string>(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED', 'ABORTED']);

/** A problem as gRPC carries it: its status, its message, and a google.rpc.ErrorInfo with its code, its remedy and its facts. */
export function statusOf(problem: Problem): StatusObject {
  const code = codes[problem.kind.status];
  const metadata = new Metadata();
  const facts = Object.entries(problem.facts).map(([name, value]): [string, string] => [name, String(value)]);
  const info = new Map([...facts, ['code', problem.code], ['remedy', problem.remedy]]);
  metadata.set(detailsHeader, encodeDetails({ code, message: problem.message, reason: reasonOf(problem.code), info }));
  return { code, details: problem.message, metadata };
}

/** The problem that another service answered with; what a foreign service answers becomes `grpc.<status>`. */
export function problemOf({ code, details, metadata }: StatusObject): Problem {
  const name = codes[code] ?? 'UNKNOWN';
  const info = decodeDetails(metadata?.get(detailsHeader)[0]);
  const remedy = info.get('remedy') ?? (retryable.has(name) ? 'retry' : 'stop');
  const kind: ProblemKind = {
    code: info.get('code') ?? `grpc.${name.toLowerCase().replaceAll('_', '-')}`,
    status: (name === 'UNKNOWN' || name === 'CANCELLED' ? 'INTERNAL' : name) as Status,
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

interface Details {
  readonly code: number;
  readonly message: string;
  readonly reason: string;
  readonly info: ReadonlyMap<string, string>;
}

/** google.rpc.Status { code = 1, message = 2, details = 3 } with one google.rpc.ErrorInfo { reason = 1, domain = 2, metadata = 3 }. */
function encodeDetails({ code, message, reason, info }: Details): Buffer {
  const errorInfo = new BinaryWriter().tag(1, 2).string(reason).tag(2, 2).string(domain);
  for (const [name, value] of info) errorInfo.tag(3, 2).fork().tag(1, 2).string(name).tag(2, 2).string(value).join();
  const any = new BinaryWriter().tag(1, 2).string(errorInfoType).tag(2, 2).bytes(errorInfo.finish());
  const status = new BinaryWriter().tag(1, 0).int32(code).tag(2, 2).string(message).tag(3, 2).bytes(any.finish());
  return Buffer.from(status.finish());
}

function decodeDetails(bytes: string | Buffer | undefined): Map<string, string> {
  if (!(bytes instanceof Uint8Array)) return new Map();
  try {
    const infos = fieldsOf(bytes, 3).filter((detail) => textOf(detail, 1) === errorInfoType);
    const entries = infos.flatMap((detail) => fieldsOf(detail, 2)).flatMap((info) => fieldsOf(info, 3));
    return new Map(entries.map((entry) => [textOf(entry, 1), textOf(entry, 2)]));
  } catch {
    return new Map(); // another service's details, which need not be ours
  }
}

/** The length-delimited fields of one number. */
function fieldsOf(bytes: Uint8Array, wanted: number): Uint8Array[] {
  const reader = new BinaryReader(bytes);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === wanted && wireType === 2) found.push(reader.bytes());
    else reader.skip(wireType, field);
  }
  return found;
}

function textOf(bytes: Uint8Array, wanted: number): string {
  return Buffer.from(fieldsOf(bytes, wanted)[0] ?? []).toString('utf8');
}
