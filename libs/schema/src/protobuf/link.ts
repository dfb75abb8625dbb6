import type { DescFile } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FieldDescriptorProto,
  FieldDescriptorProto_Type,
  type FileDescriptorProto,
} from '@bufbuild/protobuf/wkt';
import { nameLengthMax } from '../name-length.ts';
import { invalidSchema } from '../problems.ts';

type TypeKind = 'message' | 'enum';
type Names = Map<string, TypeKind>;
/** An imported file, described already. */
export type FindFile = (name: string) => DescFile | undefined;

/** Resolves every type name to a full one, by the scoping rules of Protobuf: the innermost scope first. Changes the file. */
export function linkFile(file: FileDescriptorProto, findFile: FindFile): void {
  const names: Names = new Map();
  declareFile(file, names);
  const declared = new Set<FileDescriptorProto>();
  for (const imported of file.dependency) declareImport(imported, { names, findFile, declared });
  for (const message of file.messageType) linkMessage(message, scopeOf(file), names);
  for (const extension of file.extension) linkExtension(extension, scopeOf(file), names);
  for (const { name, method } of file.service) {
    for (const called of method) {
      called.inputType = resolve(called.inputType, { scope: scopeOf(file), names, where: `${name}.${called.name}` })[0];
      called.outputType = resolve(called.outputType, { scope: scopeOf(file), names, where: `${name}.${called.name}` })[0];
    }
  }
}

function scopeOf(file: FileDescriptorProto): string {
  return file.package === '' ? '' : `.${file.package}`;
}

interface Importing {
  readonly names: Names;
  readonly findFile: FindFile;
  /** Several imports may pass on the same file. */
  readonly declared: Set<FileDescriptorProto>;
}

function declareImport(name: string, within: Importing): void {
  const file = within.findFile(name)?.proto;
  if (file === undefined) {
    throw invalidSchema(`Protobuf schema: import "${name}" is neither well known nor among the references`, {
      facts: { import: name },
    });
  }
  if (within.declared.has(file)) return;
  within.declared.add(file);
  declareFile(file, within.names);
  for (const index of file.publicDependency) declareImport(file.dependency[index] as string, within);
}

function declareFile(file: FileDescriptorProto, names: Names): void {
  for (const message of file.messageType) declareMessage(message, scopeOf(file), names);
  for (const declared of file.enumType) declareEnum(declared, scopeOf(file), names);
}

function declare(fullName: string, kind: TypeKind, names: Names): void {
  if (fullName.length > nameLengthMax + 1)
    throw invalidSchema(`Protobuf schema: ${fullName.slice(1, 100)}…: a full name longer than ${nameLengthMax}`);
  if (names.has(fullName)) throw invalidSchema(`Protobuf schema: ${fullName.slice(1)} is declared twice`);
  names.set(fullName, kind);
}

function declareMessage(message: DescriptorProto, scope: string, names: Names): void {
  const fullName = `${scope}.${message.name}`;
  declare(fullName, 'message', names);
  for (const nested of message.nestedType) declareMessage(nested, fullName, names);
  for (const declared of message.enumType) declareEnum(declared, fullName, names);
}

function declareEnum(declared: EnumDescriptorProto, scope: string, names: Names): void {
  declare(`${scope}.${declared.name}`, 'enum', names);
}

function linkMessage(message: DescriptorProto, outer: string, names: Names): void {
  const scope = `${outer}.${message.name}`;
  checkFields(message, scope);
  for (const field of message.field) linkField(field, scope, names);
  for (const extension of message.extension) linkExtension(extension, scope, names);
  for (const nested of message.nestedType) linkMessage(nested, scope, names);
}

function linkExtension(extension: FieldDescriptorProto, scope: string, names: Names): void {
  extension.extendee = resolve(extension.extendee, { scope, names, where: extension.name })[0];
  linkField(extension, scope, names);
}

function linkField(field: FieldDescriptorProto, scope: string, names: Names): void {
  if (field.typeName === '') return;
  const [typeName, kind] = resolve(field.typeName, { scope, names, where: `${scope.slice(1)}.${field.name}` });
  field.typeName = typeName;
  field.type = kind === 'enum' ? FieldDescriptorProto_Type.ENUM : FieldDescriptorProto_Type.MESSAGE;
}

function resolve(name: string, { scope, names, where }: { scope: string; names: Names; where: string }): [string, TypeKind] {
  for (let within = name.startsWith('.') ? '' : scope; ; within = within.slice(0, within.lastIndexOf('.'))) {
    const candidate = name.startsWith('.') ? name : `${within}.${name}`;
    const kind = names.get(candidate);
    if (kind !== undefined) return [candidate, kind];
    if (within === '') throw invalidSchema(`Protobuf schema: ${where}: there is no type ${name}`, { facts: { type: name } });
  }
}

interface NumberRange {
  readonly start: number;
  /** The number after its last one. */
  readonly end: number;
}

/** In one go over both in their order: there may be many of each. */
function fieldsWithin(ranges: readonly NumberRange[], fields: readonly FieldDescriptorProto[]): Set<FieldDescriptorProto> {
  const found = new Set<FieldDescriptorProto>();
  if (ranges.length === 0) return found;
  const begun = ranges.toSorted((left, right) => left.start - right.start);
  let next = 0;
  let end = 0;
  for (const field of fields.toSorted((left, right) => left.number - right.number)) {
    for (; (begun[next]?.start ?? Number.POSITIVE_INFINITY) <= field.number; next += 1)
      end = Math.max(end, begun[next]?.end ?? 0);
    if (field.number < end) found.add(field);
  }
  return found;
}

function checkFields({ name, field: fields, reservedName, reservedRange }: DescriptorProto, scope: string): void {
  const where = `Protobuf schema: ${scope.slice(1)}`;
  const numbers = new Set<number>();
  const fieldNames = new Set<string>();
  const jsonNames = new Set<string>();
  const names = new Set(reservedName);
  const reserved = fieldsWithin(reservedRange, fields);
  for (const field of fields) {
    if (numbers.has(field.number)) throw invalidSchema(`${where}: number ${field.number} is used twice, again by ${field.name}`);
    if (fieldNames.has(field.name)) throw invalidSchema(`${where}: two fields are called ${field.name}`);
    if (jsonNames.has(field.jsonName)) throw invalidSchema(`${where}: two fields are called ${field.jsonName} in JSON`);
    if (names.has(field.name) || reserved.has(field))
      throw invalidSchema(`${where}: ${field.name} = ${field.number} is reserved`);
    numbers.add(field.number);
    fieldNames.add(field.name);
    jsonNames.add(field.jsonName);
  }
  if (name === '') throw invalidSchema(`${where}: a message without a name`);
}
