import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { type Alias, type AliasMove, alias, aliasMove, type ModelVersion, modelVersion } from './entries.ts';
import { badEntry, corruptModel, unknownVersion, versionTaken } from './problems.ts';
import {
  type DriftAlarm,
  type DriftReferenceEntry,
  driftAlarm,
  driftReference,
  type TrainingRun,
  trainingRun,
} from './training-entries.ts';

/** One record of the compacted topic `penstock.models`. */
export interface CatalogueRecord {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Model bytes are cut into records that every broker takes by default. */
const chunkBytes = 800_000;

const utf8 = new TextEncoder();
const text = new TextDecoder();

/**
 * The models that there are, their bytes, and where each alias points: a fold over the records of one compacted topic, so that
 * every service that reads it knows the same. Nothing is written here: the methods that change something answer the records to
 * append, and the change is there when they have been read back.
 */
export class Catalogue {
  readonly #versions = new Map<string, ModelVersion>();
  readonly #aliases = new Map<string, Alias>();
  readonly #moves = new Map<string, AliasMove>();
  readonly #chunks = new Map<string, Uint8Array>();
  readonly #references = new Map<string, DriftReferenceEntry>();
  readonly #runs = new Map<string, TrainingRun>();
  readonly #alarms = new Map<string, DriftAlarm>();
  #changes = 0;

  /** Grows with each record that is taken in: what was found out before may not hold any more. */
  get changes(): number {
    return this.#changes;
  }

  /** Takes in a record as it was read; keys of later builds are passed over. */
  apply({ key, value }: CatalogueRecord): void {
    this.#changes += 1;
    const [kind] = key.split('/', 1);
    if (kind === 'version') this.#versions.set(key, parse(modelVersion, key, value));
    else if (kind === 'alias') this.#aliases.set(key, parse(alias, key, value));
    else if (kind === 'move') this.#moves.set(key, parse(aliasMove, key, value));
    else if (kind === 'bytes') this.#chunks.set(key, value);
    else if (kind === 'reference') this.#references.set(key, parse(driftReference, key, value));
    else if (kind === 'run') keepNewest(this.#runs, key, parse(trainingRun, key, value));
    else if (kind === 'alarm') keepNewest(this.#alarms, key, parse(driftAlarm, key, value));
  }

  versions(model: string): ModelVersion[] {
    return [...this.#versions.values()]
      .filter((entry) => entry.model === model)
      .sort((left, right) => left.version - right.version);
  }

  models(): string[] {
    return [...new Set([...this.#versions.values()].map(({ model }) => model))].sort();
  }

  version(model: string, version: number): ModelVersion {
    const found = this.#versions.get(`version/${model}/${version}`);
    if (found === undefined) throw unknownVersion(`model ${model} has no version ${version}`, { facts: { model, version } });
    return found;
  }

  /** The version that an alias points at; null while it points at none. */
  resolve(model: string, name: string): ModelVersion | null {
    const found = this.#aliases.get(`alias/${model}/${name}`);
    return found === undefined ? null : this.version(model, found.version);
  }

  aliases(model: string): Alias[] {
    return [...this.#aliases.values()].filter((entry) => entry.model === model);
  }

  /** Every move of a model's aliases, oldest first. */
  moves(model: string): AliasMove[] {
    return [...this.#moves.values()].filter((move) => move.model === model).sort((left, right) => left.atMs - right.atMs);
  }

  moved(id: string): AliasMove | null {
    return this.#moves.get(`move/${id}`) ?? null;
  }

  /** Training runs that have ended, oldest first; the newest thousand of all models are remembered. */
  runs(model: string): TrainingRun[] {
    return [...this.#runs.values()]
      .filter((run) => run.model === model)
      .sort((left, right) => left.finishedAtMs - right.finishedAtMs);
  }

  run(id: string): TrainingRun | null {
    return this.#runs.get(`run/${id}`) ?? null;
  }

  /** Drift alarms, oldest first; the newest thousand of all models are remembered. */
  alarms(model: string): DriftAlarm[] {
    return [...this.#alarms.values()]
      .filter((alarmed) => alarmed.model === model)
      .sort((left, right) => left.raisedAtMs - right.raisedAtMs);
  }

  /** What ordinary days look like to a version; null where nobody has said. */
  reference({ model, version }: Pick<ModelVersion, 'model' | 'version'>): DriftReferenceEntry | null {
    return this.#references.get(`reference/${model}/${version}`) ?? null;
  }

  /** The model itself, checked against its hash. */
  bytes({ sha256, bytes, model, version }: ModelVersion): Uint8Array {
    const whole = new Uint8Array(bytes);
    for (let at = 0, chunk = 0; at < bytes; at += chunkBytes, chunk += 1) {
      const part = this.#chunks.get(`bytes/${sha256}/${chunk}`);
      if (part === undefined || part.length !== Math.min(chunkBytes, bytes - at))
        throw corruptModel(`model ${model} version ${version}: part ${chunk} is missing`);
      whole.set(part, at);
    }
    if (hashOf(whole) !== sha256)
      throw corruptModel(`model ${model} version ${version}: its bytes do not have the hash it was registered with`);
    return whole;
  }

  /** Records that register a new version: its bytes first, so that whoever sees the version can load it. */
  register(
    entry: Omit<ModelVersion, 'version' | 'sha256' | 'bytes'>,
    bytes: Uint8Array,
  ): { version: ModelVersion; records: CatalogueRecord[] } {
    const next = Math.max(0, ...this.versions(entry.model).map(({ version }) => version)) + 1;
    const version = check(modelVersion, `version ${next} of ${entry.model}`, {
      ...entry,
      version: next,
      sha256: hashOf(bytes),
      bytes: bytes.length,
    });
    const key = `version/${version.model}/${version.version}`;
    if (this.#versions.has(key)) throw versionTaken(`${key} is taken`);
    return { version, records: [...chunksOf(version.sha256, bytes), recordOf(key, version)] };
  }

  /** Records that move an alias: the move for history first, then the alias itself. */
  move(to: ModelVersion, name: string, why: { id: string; reason: string; by: string; atMs: number }): CatalogueRecord[] {
    const from = this.resolve(to.model, name)?.version ?? null;
    const move = check(aliasMove, `move of ${to.model} ${name}`, { ...why, model: to.model, alias: name, from, to: to.version });
    const present: Alias = { model: to.model, alias: name, version: this.version(to.model, to.version).version };
    return [recordOf(`move/${move.id}`, move), recordOf(`alias/${to.model}/${name}`, present)];
  }
}

/** The record that remembers a training run. */
export function runRecord(run: TrainingRun): CatalogueRecord {
  return recordOf(`run/${run.id}`, check(trainingRun, `run ${run.id}`, run));
}

/** The record that raises an alarm, or says how it is now. */
export function alarmRecord(alarmed: DriftAlarm): CatalogueRecord {
  return recordOf(`alarm/${alarmed.id}`, check(driftAlarm, `alarm ${alarmed.id}`, alarmed));
}

export function referenceRecord(entry: DriftReferenceEntry): CatalogueRecord {
  const key = `reference/${entry.model}/${entry.version}`;
  return recordOf(key, check(driftReference, key, entry));
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const rememberedMax = 1_000;

/** A map keeps the order in which its keys came. */
function keepNewest<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value);
  if (map.size > rememberedMax) map.delete(map.keys().next().value as string);
}

function recordOf(key: string, value: unknown): CatalogueRecord {
  return { key, value: utf8.encode(JSON.stringify(value)) };
}

function chunksOf(sha256: string, bytes: Uint8Array): CatalogueRecord[] {
  const chunks = Math.ceil(bytes.length / chunkBytes);
  return Array.from({ length: chunks }, (_, chunk) => ({
    key: `bytes/${sha256}/${chunk}`,
    value: bytes.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes),
  }));
}

function parse<Schema extends z.ZodType>(schema: Schema, key: string, value: Uint8Array): z.infer<Schema> {
  try {
    return check(schema, key, JSON.parse(text.decode(value)));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw badEntry(`${key}: not JSON`, { cause });
    throw cause;
  }
}

function check<Schema extends z.ZodType>(schema: Schema, what: string, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw badEntry(`${what}: ${issue?.path.join('.')}: ${issue?.message}`);
}
