import { type DescEnum, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { FieldDescriptorProto_Label } from '@bufbuild/protobuf/wkt';
import type { ProtobufSchema } from '../protobuf/schema.ts';
import { aspectsOf, type OutlineEntry, stepInto } from './outline-entry.ts';

/** The messages of a .proto file with their fields, and its enums. Fields are the same when their number is. */
export function outlineProtobuf({ file }: ProtobufSchema): OutlineEntry[] {
  const { syntax } = file.proto;
  const root = aspectsOf({ type: 'file', package: file.proto.package || undefined, syntax: syntax || 'proto2' });
  return [
    { key: '', path: '', order: null, aliases: [], aspects: root },
    ...file.messages.flatMap((message, place) => outlineMessage(message, '', place)),
    ...file.enums.flatMap((declared) => outlineEnum(declared, '')),
  ];
}

/** The order of messages means something: payloads name them by their index. */
function outlineMessage(message: DescMessage, outer: string, place: number): OutlineEntry[] {
  const path = stepInto(outer, message.name);
  const own: OutlineEntry = {
    ...{ key: path, path, order: { within: `messages of ${outer}`, place }, aliases: [] },
    aspects: aspectsOf({ type: 'message', reserved: reservedOf(message) }),
  };
  const { package: scope } = message.file.proto;
  return [
    own,
    ...message.fields.map((field) => outlineField(field, path, scope)),
    ...message.nestedMessages.flatMap((nested, index) => outlineMessage(nested, path, index)),
    ...message.nestedEnums.flatMap((declared) => outlineEnum(declared, path)),
  ];
}

function outlineField(field: DescField, message: string, scope: string): OutlineEntry {
  const { proto } = field;
  const isPlain = field.oneof === undefined;
  return {
    key: `${message}#${field.number}`,
    path: stepInto(message, field.name),
    order: null,
    aliases: [],
    aspects: aspectsOf({
      type: labelOf(field) + textOf(field, scope),
      number: String(field.number),
      oneof: isPlain ? undefined : field.oneof?.name,
      default: proto.defaultValue || undefined,
      deprecated: field.deprecated ? 'yes' : undefined,
    }),
  };
}

function labelOf({ proto, fieldKind }: DescField): string {
  if (fieldKind === 'map') return '';
  if (proto.label === FieldDescriptorProto_Label.REPEATED) return 'repeated ';
  if (proto.label === FieldDescriptorProto_Label.REQUIRED) return 'required ';
  return proto.proto3Optional ? 'optional ' : '';
}

function textOf(field: DescField, scope: string): string {
  if (field.fieldKind === 'map') return `map<${scalarText(field.mapKey)}, ${elementText(field, scope)}>`;
  return elementText(field, scope);
}

function elementText({ scalar, enum: declared, message }: DescField, scope: string): string {
  const named = declared?.typeName ?? message?.typeName;
  if (named !== undefined) return scope !== '' && named.startsWith(`${scope}.`) ? named.slice(scope.length + 1) : named;
  return scalarText(scalar);
}

function scalarText(scalar: ScalarType | undefined): string {
  return scalar === undefined ? '' : ScalarType[scalar].toLowerCase();
}

function reservedOf({ proto }: DescMessage): string | undefined {
  const ranges = proto.reservedRange.map(({ start, end }) => (end - start === 1 ? String(start) : `${start} to ${end - 1}`));
  return [...ranges, ...proto.reservedName].join(', ') || undefined;
}

function outlineEnum({ name, values }: DescEnum, outer: string): OutlineEntry[] {
  const path = stepInto(outer, name);
  return [
    { key: path, path, order: null, aliases: [], aspects: aspectsOf({ type: 'enum' }) },
    ...values.map((value) => {
      const own = stepInto(path, value.name);
      return {
        key: own,
        path: own,
        order: null,
        aliases: [],
        aspects: aspectsOf({ type: 'value', number: String(value.number) }),
      };
    }),
  ];
}
