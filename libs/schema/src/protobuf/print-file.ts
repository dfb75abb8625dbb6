import { isFieldSet } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  EnumOptionsSchema,
  type EnumValueDescriptorProto,
  EnumValueOptionsSchema,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FieldOptionsSchema,
  type FileDescriptorProto,
  FileOptionsSchema,
  MessageOptionsSchema,
  MethodOptionsSchema,
  type OneofDescriptorProto,
  OneofOptionsSchema,
  type ServiceDescriptorProto,
  ServiceOptionsSchema,
} from '@bufbuild/protobuf/wkt';
import { camelCase } from './parse-message.ts';
import { nameOf, optionsOf } from './print-options.ts';

const schemaOf = FieldDescriptorProtoSchema.field;

/** An option may have lines of its own. */
const indent = (lines: readonly string[]): string[] => lines.flatMap((line) => line.split('\n')).map((line) => `  ${line}`);

/** What stands in braces: sections, with a blank line between those that say something. */
function braced(head: string, sections: readonly (readonly string[])[]): string[] {
  const filled = sections.filter(({ length }) => length > 0);
  if (filled.length === 0) return [`${head} {}`];
  return [`${head} {`, ...filled.flatMap((lines, index) => [...(index === 0 ? [] : ['']), ...indent(lines)]), '}'];
}

/**
 * A descriptor as .proto text, in one way only, and as Confluent's registry normalises it: types by their full names, fields by number,
 * options by name, no comments. Two texts that say the same print the same; messages keep their order, because the wire format counts them.
 */
export function printProtoFile(file: FileDescriptorProto): string {
  const head = file.syntax === 'proto3' ? ['syntax = "proto3";'] : [];
  if (file.package !== '') head.push(`package ${file.package};`);
  const [publics, weaks] = [new Set(file.publicDependency), new Set(file.weakDependency)];
  const imports = file.dependency.map((name, index) => {
    const word = publics.has(index) ? 'public ' : weaks.has(index) ? 'weak ' : '';
    return `import ${word}${JSON.stringify(name)};`;
  });
  const proto3 = file.syntax === 'proto3';
  const sections = [
    [...new Set(imports)].sort(),
    optionsOf(FileOptionsSchema, file.options).map((option) => `option ${option};`),
    [
      ...file.messageType.flatMap((message) => printMessage(message, proto3)),
      ...file.enumType.flatMap((declared) => printEnum(declared, proto3)),
    ],
    printExtensions(file.extension, proto3),
    file.service.flatMap(printService),
  ];
  const filled = sections.filter(({ length }) => length > 0);
  return [...head, ...filled.flatMap((lines) => ['', ...lines]), ''].join('\n');
}

function printMessage(message: DescriptorProto, proto3: boolean): string[] {
  const entries = new Map(message.nestedType.filter(({ options }) => options?.mapEntry).map((entry) => [entry.name, entry]));
  const single = message.field.filter((field) => field.proto3Optional || !isFieldSet(field, schemaOf.oneofIndex));
  const nested = message.nestedType.filter(({ options }) => !options?.mapEntry);
  return braced(`message ${message.name}`, [
    printReserved(
      message.reservedRange.map(({ start, end }) => [start, end - 1]),
      message.reservedName,
    ),
    optionsOf(MessageOptionsSchema, message.options).map((option) => `option ${option};`),
    byNumber(single).flatMap((field) => printField(field, { proto3, entries })),
    oneofsOf(message).flatMap(({ oneof, members }) =>
      braced(`oneof ${oneof.name}`, [
        optionsOf(OneofOptionsSchema, oneof.options).map((option) => `option ${option};`),
        members.flatMap((field) => printField(field, { proto3, entries, bare: true })),
      ]),
    ),
    [...message.extensionRange]
      .sort((left, right) => left.start - right.start)
      .map(({ start, end }) => `extensions ${start} to ${end - 1};`),
    printExtensions(message.extension, proto3),
    [
      ...nested.flatMap((each) => printMessage(each, proto3)),
      ...message.enumType.flatMap((declared) => printEnum(declared, proto3)),
    ],
  ]);
}

interface RealOneof {
  readonly oneof: OneofDescriptorProto;
  readonly members: readonly FieldDescriptorProto[];
}

/** The oneofs that an author wrote, by the lowest number of each. */
function oneofsOf(message: DescriptorProto): RealOneof[] {
  const members = Map.groupBy(message.field.filter(isMember), ({ oneofIndex }) => oneofIndex);
  const all = message.oneofDecl.map((oneof, index) => ({ oneof, members: byNumber(members.get(index) ?? []) }));
  const real = all.filter(({ members }) => !members.some(({ proto3Optional }) => proto3Optional));
  return real.sort((left, right) => (left.members[0]?.number ?? 0) - (right.members[0]?.number ?? 0));
}

/** An index that is not set reads 0, as an index of the first oneof does. */
function isMember(field: FieldDescriptorProto): boolean {
  return isFieldSet(field, schemaOf.oneofIndex);
}

function compareText(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}

function byNumber(fields: readonly FieldDescriptorProto[]): FieldDescriptorProto[] {
  return [...fields].sort((left, right) => left.number - right.number);
}

interface FieldContext {
  readonly proto3: boolean;
  readonly entries: ReadonlyMap<string, DescriptorProto>;
  readonly bare?: boolean;
}

function printField(field: FieldDescriptorProto, { proto3, entries, bare }: FieldContext): string[] {
  const entry = entries.get(field.typeName.slice(field.typeName.lastIndexOf('.') + 1));
  const [key, value] = entry?.field ?? [];
  const type = key && value ? `map<${typeOf(key)}, ${typeOf(value)}>` : typeOf(field);
  const label = bare || entry ? '' : labelOf(field, proto3);
  const options = optionsOf(FieldOptionsSchema, field.options);
  if (isFieldSet(field, schemaOf.defaultValue)) options.push(`default = ${printDefault(field)}`);
  if (field.jsonName !== '' && field.jsonName !== camelCase(field.name))
    options.push(`json_name = ${JSON.stringify(field.jsonName)}`);
  options.sort((left, right) => compareText(nameOf(left), nameOf(right)));
  return withOptions(`${label}${type} ${field.name} = ${field.number}`, options);
}

/** Each option of many has a line of its own. */
function withOptions(head: string, options: readonly string[]): string[] {
  if (options.length <= 1) return [`${head}${options.map((option) => ` [${option}]`).join('')};`];
  return [`${head} [`, ...indent(options.map((option, index) => (index < options.length - 1 ? `${option},` : option))), '];'];
}

function labelOf({ label, proto3Optional }: FieldDescriptorProto, proto3: boolean): string {
  if (label === FieldDescriptorProto_Label.REPEATED) return 'repeated ';
  if (label === FieldDescriptorProto_Label.REQUIRED) return 'required ';
  return proto3 && !proto3Optional ? '' : 'optional ';
}

function typeOf(field: FieldDescriptorProto): string {
  return field.typeName === '' ? (FieldDescriptorProto_Type[field.type] as string).toLowerCase() : field.typeName;
}

function printDefault({ type, defaultValue }: FieldDescriptorProto): string {
  const quoted = type === FieldDescriptorProto_Type.STRING || type === FieldDescriptorProto_Type.BYTES;
  return quoted ? JSON.stringify(defaultValue) : defaultValue;
}

/** Readers take the first value for a missing one: it stays in proto2, and in proto3 it is the one that is 0. */
function orderedValues(values: readonly EnumValueDescriptorProto[], proto3: boolean): EnumValueDescriptorProto[] {
  const first = values.find(({ number }) => !proto3 || number === 0);
  const rest = values.filter((value) => value !== first);
  rest.sort((left, right) => left.number - right.number || compareText(left.name, right.name));
  return first === undefined ? rest : [first, ...rest];
}

function printEnum(declared: EnumDescriptorProto, proto3: boolean): string[] {
  const body = [
    ...printReserved(
      declared.reservedRange.map(({ start, end }) => [start, end]),
      declared.reservedName,
    ),
    ...optionsOf(EnumOptionsSchema, declared.options).map((option) => `option ${option};`),
    ...orderedValues(declared.value, proto3).flatMap(({ name, number, options }) =>
      withOptions(`${name} = ${number}`, optionsOf(EnumValueOptionsSchema, options)),
    ),
  ];
  return braced(`enum ${declared.name}`, [body]);
}

function printReserved(ranges: readonly (readonly [number, number])[], names: readonly string[]): string[] {
  const sorted = [...ranges].sort((left, right) => left[0] - right[0]);
  const lines = sorted.map(([first, last]) => `reserved ${first === last ? first : `${first} to ${last}`};`);
  return [...lines, ...[...names].sort().map((name) => `reserved ${JSON.stringify(name)};`)];
}

function printExtensions(fields: readonly FieldDescriptorProto[], proto3: boolean): string[] {
  const byExtendee = [...Map.groupBy(byNumber(fields), ({ extendee }) => extendee)];
  byExtendee.sort(([left], [right]) => compareText(left, right));
  return byExtendee.flatMap(([extendee, group]) => {
    return braced(`extend ${extendee}`, [group.flatMap((field) => printField(field, { proto3, entries: new Map() }))]);
  });
}

function printService({ name, method, options }: ServiceDescriptorProto): string[] {
  const methods = method.flatMap((called) => {
    const input = `${called.clientStreaming ? 'stream ' : ''}${called.inputType}`;
    const output = `${called.serverStreaming ? 'stream ' : ''}${called.outputType}`;
    const given = optionsOf(MethodOptionsSchema, called.options).map((option) => `option ${option};`);
    const signature = `rpc ${called.name} (${input}) returns (${output})`;
    return given.length === 0 ? [`${signature};`] : [`${signature} {`, ...indent(given), '};'];
  });
  const given = optionsOf(ServiceOptionsSchema, options).map((option) => `option ${option};`);
  return braced(`service ${name}`, [given, methods]);
}
