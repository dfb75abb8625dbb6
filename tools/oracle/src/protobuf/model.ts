/** A file with messages and enums, as far as it is changed by mutations. */
export interface ProtoFile {
  readonly package: string;
  readonly syntax: 'proto2' | 'proto3';
  readonly messages: readonly ProtoMessage[];
  readonly enums: readonly ProtoEnum[];
}

export interface ProtoMessage {
  readonly name: string;
  readonly fields: readonly ProtoField[];
  readonly nested: readonly ProtoMessage[];
  readonly reserved: readonly number[];
}

export interface ProtoField {
  readonly name: string;
  readonly number: number;
  /** A scalar, the name of a message or an enum, or `map<…>`. */
  readonly type: string;
  readonly label: '' | 'optional' | 'required' | 'repeated';
  /** The name of the oneof that it is in. */
  readonly oneof: string | null;
}

export interface ProtoEnum {
  readonly name: string;
  readonly values: readonly string[];
}

export function printProto(file: ProtoFile): string {
  const parts = [...file.enums.map(printEnum), ...file.messages.map(printMessage)];
  return [`syntax = "${file.syntax}";`, `package ${file.package};`, ...parts, ''].join('\n');
}

function printEnum({ name, values }: ProtoEnum): string {
  return `enum ${name} {\n${values.map((value, index) => `  ${value} = ${index};\n`).join('')}}`;
}

function printMessage({ name, fields, nested, reserved }: ProtoMessage): string {
  const oneofs = new Set(fields.flatMap(({ oneof }) => oneof ?? []));
  const lines = [
    ...reserved.map((number) => `reserved ${number};`),
    ...nested.map(printMessage),
    ...fields.filter(({ oneof }) => oneof === null).map(printField),
    ...[...oneofs].map(
      (oneof) =>
        `oneof ${oneof} { ${fields
          .filter((field) => field.oneof === oneof)
          .map(printField)
          .join(' ')} }`,
    ),
  ];
  return `message ${name} {\n${lines.map((line) => `  ${line}\n`).join('')}}`;
}

function printField({ name, number, type, label, oneof }: ProtoField): string {
  const isBare = label === '' || oneof !== null || type.startsWith('map<');
  return `${isBare ? '' : `${label} `}${type} ${name} = ${number};`;
}
