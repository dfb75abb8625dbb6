import { createFileRegistry, type DescFile } from '@bufbuild/protobuf';
import type { FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import { messageOf } from '@penstock/kernel';
import { invalidSchema } from '../problems.ts';
import type { FindFile } from './link.ts';

/**
 * A linked file with its types at hand. What it imports is described already: a registry that is left to find imports by itself takes
 * them in the wrong order when one of them imports another.
 */
export function describeFile(proto: FileDescriptorProto, findFile: FindFile): DescFile {
  try {
    const file = createFileRegistry(proto, findFile).getFile(proto.name);
    if (file === undefined) throw new TypeError('the file itself is missing');
    return file;
  } catch (cause) {
    throw invalidSchema(`Protobuf schema: ${messageOf(cause)}`, { cause });
  }
}
