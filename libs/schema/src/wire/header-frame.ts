import { schemaHeaders } from '@penstock/kernel';
import { frameBytes, guidFrameBytes, guidMagic } from './frame.ts';

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
