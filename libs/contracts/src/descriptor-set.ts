import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** All contracts and all they import, as a serialised `google.protobuf.FileDescriptorSet`. */
export function readDescriptorSet(): Uint8Array {
  return readFileSync(join(import.meta.dirname, '../descriptors.binpb'));
}
