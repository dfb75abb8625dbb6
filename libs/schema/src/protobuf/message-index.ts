import type { DescFile, DescMessage } from '@bufbuild/protobuf';

/** Where a message stands: its index in the file, or that of its parent and its own in it, and so on. */
export function messageIndexPath(message: DescMessage): number[] {
  if (message.parent === undefined) return [message.file.messages.indexOf(message)];
  const siblings = message.parent.proto.nestedType;
  return [...messageIndexPath(message.parent), siblings.indexOf(message.proto)];
}

/** The message at a path of indexes, or undefined. Entries of maps are counted, and are no messages of their own. */
export function messageAt(file: DescFile, path: readonly number[]): DescMessage | undefined {
  const [first, ...rest] = path;
  let message = file.messages[first ?? -1];
  for (const index of rest) {
    const proto = message?.proto.nestedType[index];
    message = message?.nestedMessages.find((nested) => nested.proto === proto);
  }
  return message;
}
