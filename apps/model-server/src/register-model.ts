import type { ModelVersion, OpenCatalogue } from '@penstock/catalogue';
import type { models as api } from '@penstock/contracts';
import type { Clock } from '@penstock/kernel';
import type { ModelPool } from '@penstock/models';
import { entryOf } from './model-messages.ts';
import { checkName } from './names.ts';
import { badRequest, tooLarge } from './problems.ts';

export interface RegisterParts {
  readonly catalogue: OpenCatalogue;
  readonly pool: ModelPool;
  readonly clock: Clock;
  readonly modelBytesMax: number;
}

/** Takes a model in, lets it answer once, and records it. */
export async function registerModel(
  { catalogue, pool, clock, modelBytesMax }: RegisterParts,
  requests: AsyncIterable<api.RegisterModelRequest>,
): Promise<ModelVersion> {
  const { registration, bytes } = await collect(requests, modelBytesMax);
  const names = registration.inputs.map(({ name }) => name);
  checkName('registration.model', registration.model);
  if (names.length === 0)
    throw badRequest('registration.inputs: expected the names of the inputs in the order in which the model takes them');
  if (new Set(names).size < names.length)
    throw badRequest(`registration.inputs: expected distinct names, got ${names.join(', ')}`);
  const trial = await pool.load(bytes, { inputs: names.length });
  await trial[Symbol.asyncDispose]();
  const entry = entryOf(registration, clock.nowMs());
  const recorded: ModelVersion[] = [];
  await catalogue.write((current) => {
    const { version, records } = current.register(entry, bytes);
    recorded.splice(0, recorded.length, version);
    return records;
  });
  return recorded[0] as ModelVersion;
}

async function collect(
  requests: AsyncIterable<api.RegisterModelRequest>,
  modelBytesMax: number,
): Promise<{ registration: api.Registration; bytes: Uint8Array }> {
  let registration: api.Registration | null = null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const { part } of requests) {
    if (part?.$case === 'registration' && registration === null) registration = part.value;
    else if (part?.$case === 'chunk' && registration !== null) chunks.push(part.value);
    else throw badRequest('expected the registration first and once, then chunks of bytes');
    size += part.$case === 'chunk' ? part.value.length : 0;
    if (size > modelBytesMax)
      throw tooLarge(`a model may have ${modelBytesMax} bytes: set PENSTOCK_MODEL_BYTES_MAX for larger ones`);
  }
  if (registration === null || size === 0) throw badRequest('expected a registration and the bytes of the model');
  return { registration, bytes: new Uint8Array(Buffer.concat(chunks)) };
}
