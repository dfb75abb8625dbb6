import { createFileRegistry, type DescFile, type FileRegistry } from '@bufbuild/protobuf';
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
    const registry = createFileRegistry(proto, (name) => flat(findFile(name)));
    const file = registry.getFile(proto.name);
    if (file === undefined) throw new TypeError('the file itself is missing');
    empty(registry);
    return Object.assign(file, { dependencies: file.dependencies.map((imported) => findFile(imported.proto.name) ?? imported) });
  } catch (cause) {
    throw invalidSchema(`Protobuf schema: ${messageOf(cause)}`, { cause });
  }
}

/** A registry goes through what an import imports again for each that imports it: it is given each file once. */
function flat(file: DescFile | undefined): DescFile | undefined {
  if (file === undefined) return undefined;
  const below = new Set(file.dependencies);
  for (const each of below) for (const imported of each.dependencies) below.add(imported);
  return { ...file, dependencies: [...below].map((each) => ({ ...each, dependencies: [] })) };
}

/** What a registry has besides what its type says. */
interface Filled {
  readonly types: Map<string, unknown>;
  addFile(file: { readonly proto: { readonly name: string } }, skipTypes: boolean): void;
}

/**
 * V8 keeps the getters of an object literal, with all that they see, until it collects everything. The registry has one, and would keep
 * what was described in it from dying young; described types do not go back to it.
 */
function empty(registry: FileRegistry & Partial<Filled>): void {
  registry.types?.clear();
  for (const { proto } of [...registry.files]) registry.addFile?.({ proto: { name: proto.name } }, true);
}
