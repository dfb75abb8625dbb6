import { readFileSync } from 'node:fs';
import { rooms } from './rooms.ts';

/** What the registry said to a new version of the readings' schema. */
export interface RegistryAnswer {
  readonly accepted: boolean;
  readonly status: number;
  readonly message: string;
}

const newField = 'optional double battery_pct = 10;';
const answerMs = 30_000;

/** Readings with one more field, as a team that owns devices would register them: by the registry's REST interface. */
export function proposeBattery(registry: string): Promise<RegistryAnswer> {
  return propose(registry, readingWithBattery());
}

/** Readings without CO₂: what the windows and the model are made from would be gone. */
export function proposeWithoutCo2(registry: string): Promise<RegistryAnswer> {
  return propose(registry, readingWithoutCo2());
}

export function readingWithoutCo2(): string {
  return readingWithBattery().replace(/^.*\bco2_ppm\b.*\n/m, '');
}

export function readingWithBattery(): string {
  const text = readFileSync(rooms.readingProto, 'utf8');
  const message = text.indexOf('message Reading');
  const end = text.indexOf('\n}', message);
  return `${text.slice(0, end)}\n  ${newField}${text.slice(end)}`;
}

async function propose(registry: string, schema: string): Promise<RegistryAnswer> {
  const response = await fetch(`${registry}/subjects/${encodeURIComponent(rooms.subject)}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schemaType: 'PROTOBUF', schema }),
    signal: AbortSignal.timeout(answerMs),
  });
  const body = (await response.json()) as { message?: string };
  return { accepted: response.ok, status: response.status, message: body.message ?? '' };
}
