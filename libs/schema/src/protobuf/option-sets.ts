import type { DescExtension, DescFile, DescMessage, Message } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { Options } from './options.ts';

export interface OptionSet {
  /** Which of descriptor.proto's option messages it is. */
  readonly schema: DescMessage;
  readonly options: Options;
}

/** The options of a file, of all that it declares, and of all that these declare. */
export function optionSetsOf(file: FileDescriptorProto): OptionSet[] {
  return setsIn(reflect(FileDescriptorProtoSchema, file));
}

function setsIn(message: ReflectMessage): OptionSet[] {
  return message.fields.flatMap((field): OptionSet[] => {
    if (!message.isSet(field)) return [];
    if (field.fieldKind === 'message') return setsAt(message.get(field));
    if (field.fieldKind !== 'list' || field.listKind !== 'message') return [];
    return [...message.get(field)].flatMap((each) => setsAt(each as ReflectMessage));
  });
}

function setsAt(message: ReflectMessage): OptionSet[] {
  const { desc: schema } = message;
  if (!schema.fields.some(({ name }) => name === 'uninterpreted_option')) return setsIn(message);
  return [{ schema, options: message.message as Message as Options }];
}

/** The custom options that a file may use: its own, and those of what it imports. */
export function extensionsSeenBy(file: DescFile): DescExtension[] {
  const seen = new Set<DescFile>();
  const visit = (each: DescFile): DescExtension[] => {
    if (seen.has(each)) return [];
    seen.add(each);
    return [...each.extensions, ...each.messages.flatMap(nestedIn), ...each.dependencies.flatMap(visit)];
  };
  return visit(file);
}

function nestedIn(message: DescMessage): DescExtension[] {
  return [...message.nestedExtensions, ...message.nestedMessages.flatMap(nestedIn)];
}
