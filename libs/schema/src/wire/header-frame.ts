import { schemaHeaders } from '@penstock/kernel';
import { messageIndexPath } from '../protobuf/message-index.ts';
import type { Schema } from '../schema.ts';
import { frameBytes, guidFrameBytes, guidFrameOf, guidMagic } from './frame.ts';

/** What a record brings along whose payload is bare: the header that names its schema by a GUID, as Confluent's clients write it. */
export function schemaHeaderOf(schema: Schema, guid: string): readonly [name: string, value: Uint8Array] {
  const indexes = schema.format === 'PROTOBUF' ? messageIndexPath(schema.message) : null;
  return [schemaHeaders.value, guidFrameOf(guid, indexes)];
}

/**
 * The payload with what its header says before it, so that it reads as one that came with a frame. Of several headers the last counts. A
 * header that is too short to name a schema stands alone: nothing that follows may pass for the rest of it.
 */
export function withHeaderFrame(
  payload: Uint8Array,
  headers: readonly (readonly [name: string, value: Uint8Array | null])[],
): Uint8Array {
  let frame: Uint8Array | null = null;
  for (let index = 0; index < headers.length; index += 1) {
    const header = headers[index] as (typeof headers)[number];
    if (header[0] === schemaHeaders.value && header[1] !== null) frame = header[1];
  }
  if (frame === null) return payload;
  const isWhole = frame.length >= (frame[0] === guidMagic ? guidFrameBytes : frameBytes);
  return isWhole ? Buffer.concat([frame, payload]) : frame;
}
