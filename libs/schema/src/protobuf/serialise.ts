import { clone, type DescFile, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { interpretOptions, writeOutOptions } from './custom-options.ts';
import { describeFile } from './describe-file.ts';
import type { FindFile } from './link.ts';
import { extensionsSeenBy, optionSetsOf } from './option-sets.ts';

/** The FileDescriptorProto of a file, as a compiler makes it: with its custom options in their fields. */
export function serialiseFile(file: DescFile): Uint8Array {
  const proto = clone(FileDescriptorProtoSchema, file.proto);
  const custom = optionSetsOf(proto).filter(({ options }) => options.uninterpretedOption.length > 0);
  if (custom.length > 0) {
    const extensions = extensionsSeenBy(file);
    for (const set of custom) interpretOptions(set, extensions, proto.package);
  }
  return toBinary(FileDescriptorProtoSchema, proto);
}

/** A serialised FileDescriptorProto as if it had been read from text; `unnamed` is its name where it has none. Throws where it is none. */
export function readSerialisedFile(bytes: Uint8Array, unnamed: string, findFile: FindFile): FileDescriptorProto {
  const proto = fromBinary(FileDescriptorProtoSchema, bytes);
  if (proto.name === '') proto.name = unnamed;
  const custom = optionSetsOf(proto).filter(({ options }) => (options.$unknown ?? []).length > 0);
  if (custom.length === 0) return proto;
  const extensions = extensionsSeenBy(describeFile(proto, findFile));
  for (const set of custom) writeOutOptions(set, extensions);
  return proto;
}
