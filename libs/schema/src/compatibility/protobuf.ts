import { type DescField, type DescMessage, type DescOneof, ScalarType } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import { heldBy } from '../held-by.ts';
import type { ProtobufSchema } from '../protobuf/schema.ts';
import type { Incompatibility } from './incompatibility.ts';

/** Scalars whose bytes mean the same: protobuf.dev, "Updating A Message Type". An enum is a varint like those of the first group. */
const groups: readonly (readonly ScalarType[])[] = [
  [ScalarType.INT32, ScalarType.UINT32, ScalarType.INT64, ScalarType.UINT64, ScalarType.BOOL],
  [ScalarType.SINT32, ScalarType.SINT64],
  [ScalarType.STRING, ScalarType.BYTES],
  [ScalarType.FIXED32, ScalarType.SFIXED32],
  [ScalarType.FIXED64, ScalarType.SFIXED64],
];

/**
 * Everything that keeps `reader` from reading what `writer` wrote, by the wire format: fields go by their numbers, messages by their
 * names. What moved into an import is found there.
 */
export function checkProtobuf(reader: ProtobufSchema, writer: ProtobufSchema): Incompatibility[] {
  const check = new ProtobufCheck(reader, writer);
  const own = new Map(reader.file.messages.map((message) => [localName(message), message]));
  const others = reachable(reader);
  const messages = writer.file.messages.flatMap((message) => {
    const name = localName(message);
    const found = own.get(name) ?? others.get(message.typeName);
    return found === undefined ? [removed(`#/${name}`)] : check.messages(found, message, `#/${name}`);
  });
  return [...checkPackages(reader, writer), ...messages, ...check.rest()];
}

/** The bytes are the same, and yet whoever goes by full names (Any, reflection, generated code) finds nothing under the old ones. */
function checkPackages({ file: reader }: ProtobufSchema, { file: writer }: ProtobufSchema): Incompatibility[] {
  const [now, before] = [reader.proto.package, writer.proto.package];
  if (now === before) return [];
  const message = `the package ${before || '(none)'} became ${now || '(none)'}`;
  return [{ type: 'PACKAGE_CHANGED', path: '#/', message, reader: now, writer: before }];
}

function removed(path: string): Incompatibility {
  const name = path.slice(2).replaceAll('/', '.');
  return { type: 'MESSAGE_REMOVED', path, message: `the message ${name} is gone`, writer: name };
}

/** The messages of the file and of all that it imports, by full name. */
function reachable({ file }: ProtobufSchema): Map<string, DescMessage> {
  const found = new Map<string, DescMessage>();
  const files = [file];
  for (const each of files) {
    for (const message of each.messages) found.set(message.typeName, message);
    for (const imported of each.dependencies) if (!files.includes(imported)) files.push(imported);
  }
  return found;
}

/** Where the package was renamed, that is told once: a message goes by its name within it. */
function localName({ typeName, file }: Pick<DescMessage, 'typeName' | 'file'>): string {
  return file.proto.package === '' ? typeName : typeName.slice(file.proto.package.length + 1);
}

class ProtobufCheck {
  readonly #reader: ProtobufSchema;
  readonly #writer: ProtobufSchema;
  readonly #seen = new Map<DescMessage, Set<DescMessage>>();
  /** What fields hold, for later: messages may lead to one another, each to the next. */
  readonly #met: [reader: DescMessage, writer: DescMessage][] = [];

  constructor(reader: ProtobufSchema, writer: ProtobufSchema) {
    this.#reader = reader;
    this.#writer = writer;
  }

  /** Each pair is compared once, so recursion ends. */
  messages(reader: DescMessage, writer: DescMessage, path: string): Incompatibility[] {
    const seen = this.#seen.get(reader) ?? new Set<DescMessage>();
    this.#seen.set(reader, seen);
    if (seen.has(writer)) return [];
    seen.add(writer);
    return [...this.#fields(reader, writer, path), ...checkOneofs(reader, writer, path), ...this.#nested(reader, writer, path)];
  }

  /** Of the messages that fields hold. */
  rest(): Incompatibility[] {
    const found: Incompatibility[] = [];
    for (const [reader, writer] of this.#met)
      found.push(...this.messages(reader, writer, `#/${localName(reader).replaceAll('.', '/')}`));
    return found;
  }

  #nested(reader: DescMessage, writer: DescMessage, path: string): Incompatibility[] {
    const own = new Map(reader.nestedMessages.map((message) => [message.name, message]));
    return writer.nestedMessages.flatMap((message) => {
      const found = own.get(message.name);
      const at = `${path}/${message.name}`;
      return found === undefined ? [removed(at)] : this.messages(found, message, at);
    });
  }

  #fields(reader: DescMessage, writer: DescMessage, path: string): Incompatibility[] {
    const found: Incompatibility[] = [];
    const before = byNumber(writer);
    for (const field of reader.fields) {
      const written = before.get(field.number);
      if (written !== undefined && !isSameScalarField(field, written))
        found.push(...this.#field(field, written, `${path}/${field.number}`));
      if (isRequired(field) && (written === undefined || !isRequired(written)))
        found.push(demanded('REQUIRED_FIELD_ADDED', `${field.name} is required, and was not before`, `${path}/${field.number}`));
    }
    for (const written of writer.fields.filter(isRequired)) {
      const now = byNumber(reader).get(written.number);
      const kept = now !== undefined && isRequired(now);
      const at = `${path}/${written.number}`;
      if (!kept) found.push(demanded('REQUIRED_FIELD_REMOVED', `${written.name} was required, and is not any more`, at));
    }
    return found;
  }

  #field(reader: DescField, writer: DescField, path: string): Incompatibility[] {
    return [...this.#types(reader, writer, path), ...checkLabels(reader, writer, path)];
  }

  #types(reader: DescField, writer: DescField, path: string): Incompatibility[] {
    const [read, written] = [valueOf(reader), valueOf(writer)];
    const facts = { path, reader: typeLabel(reader), writer: typeLabel(writer) };
    const named = `${writer.name}: ${facts.writer} became ${facts.reader}`;
    if ((reader.fieldKind === 'map') !== (writer.fieldKind === 'map'))
      return [{ type: 'FIELD_KIND_CHANGED', message: named, ...facts }];
    if (reader.fieldKind === 'map' && writer.fieldKind === 'map' && !sameScalar(reader.mapKey, writer.mapKey))
      return [{ type: 'FIELD_SCALAR_KIND_CHANGED', message: named, ...facts }];
    if (read.message !== undefined && written.message !== undefined) {
      if (!this.#sameType(read.message, written.message)) return [{ type: 'FIELD_NAMED_TYPE_CHANGED', message: named, ...facts }];
      this.#met.push([read.message, written.message]);
      return [];
    }
    if (read.message !== undefined || written.message !== undefined)
      return [{ type: 'FIELD_KIND_CHANGED', message: named, ...facts }];
    // An enum's numbers are read whatever its names are.
    if (sameScalar(read.scalar ?? ScalarType.INT32, written.scalar ?? ScalarType.INT32)) return [];
    return [{ type: 'FIELD_SCALAR_KIND_CHANGED', message: named, ...facts }];
  }

  /** The same name, or the same one in a package that was renamed. */
  #sameType(reader: DescMessage, writer: DescMessage): boolean {
    if (reader.typeName === writer.typeName) return true;
    const own = reader.file === this.#reader.file && writer.file === this.#writer.file;
    return own && localName(reader) === localName(writer);
  }
}

const numbered = Symbol('numbered');

/** Made once of each message: what is registered is compared with again and again. Of two with one number the first counts. */
function byNumber(message: DescMessage): ReadonlyMap<number, DescField> {
  return heldBy(message, numbered, () => new Map(message.fields.map((field) => [field.number, field] as const).reverse()));
}

/** Most fields are what they were. */
function isSameScalarField(left: DescField, right: DescField): boolean {
  return left.fieldKind === 'scalar' && right.fieldKind === 'scalar' && left.scalar === right.scalar;
}

interface FieldValue {
  /** Undefined for an enum and for a message. */
  readonly scalar: ScalarType | undefined;
  readonly message: DescMessage | undefined;
}

/** What a field holds, one by one. */
function valueOf(field: DescField): FieldValue {
  return { scalar: field.scalar, message: field.message };
}

function sameScalar(left: ScalarType, right: ScalarType): boolean {
  return left === right || groups.some((group) => group.includes(left) && group.includes(right));
}

function typeLabel(field: DescField): string {
  const value = field.message?.typeName ?? field.enum?.typeName ?? ScalarType[field.scalar as ScalarType].toLowerCase();
  if (field.fieldKind === 'map') return `map<${ScalarType[field.mapKey].toLowerCase()}, ${value}>`;
  return field.fieldKind === 'list' ? `repeated ${value}` : value;
}

function isRequired({ presence }: DescField): boolean {
  return presence === FeatureSet_FieldPresence.LEGACY_REQUIRED;
}

/** Of text and messages the last one counts; repeated numbers are packed, which a single one is not. */
function checkLabels(reader: DescField, writer: DescField, path: string): Incompatibility[] {
  const repeated = [reader, writer].map(
    ({ fieldKind }) => fieldKind !== 'scalar' && fieldKind !== 'enum' && fieldKind !== 'message',
  );
  if (repeated[0] === repeated[1] || reader.fieldKind === 'map' || writer.fieldKind === 'map') return [];
  const delimited = reader.message !== undefined || reader.scalar === ScalarType.STRING || reader.scalar === ScalarType.BYTES;
  if (delimited) return [];
  const facts = { path, reader: typeLabel(reader), writer: typeLabel(writer) };
  const message = `${writer.name}: ${facts.writer} became ${facts.reader}, and repeated numbers are packed`;
  return [{ type: 'FIELD_NUMERIC_LABEL_CHANGED', message, ...facts }];
}

function demanded(type: string, message: string, path: string): Incompatibility {
  return { type, path, message };
}

/** A oneof keeps the last field that was written and forgets the others. */
function checkOneofs(reader: DescMessage, writer: DescMessage, path: string): Incompatibility[] {
  const merged = reader.oneofs.flatMap((oneof) => mergedMembers(oneof, writer, `${path}/${oneof.name}`));
  const kept = new Set(reader.oneofs.map(({ name }) => name));
  return [...merged, ...writer.oneofs.flatMap((oneof) => removedMembers({ reader, kept }, oneof, path))];
}

/** Fields exclude each other before only where they were members of one oneof: what was written together is not kept together now. */
function mergedMembers(oneof: DescOneof, writer: DescMessage, path: string): Incompatibility[] {
  const members = oneof.fields.flatMap((field) => byNumber(writer).get(field.number) ?? []);
  const groups = new Set(members.map((field) => field.oneof ?? field));
  if (groups.size < 2) return [];
  const loose = members.filter((field) => field.oneof === undefined);
  if (loose.length > 1) {
    const message = `${namesOf(loose)} were apart, and only one of them is kept in ${oneof.name}`;
    return [demanded('MULTIPLE_FIELDS_MOVED_TO_ONEOF', message, path)];
  }
  const message = `${namesOf(members)} did not all exclude each other, and only one of them is kept in ${oneof.name}`;
  return [demanded('FIELD_MOVED_TO_EXISTING_ONEOF', message, path)];
}

interface Kept {
  readonly reader: DescMessage;
  /** Names of its oneofs. */
  readonly kept: ReadonlySet<string>;
}

/** A oneof that is gone with all of its members is a field that is gone; a reader of some members takes the others for none at all. */
function removedMembers({ reader, kept }: Kept, oneof: DescOneof, path: string): Incompatibility[] {
  const isRead = ({ number }: DescField): boolean => byNumber(reader).has(number);
  if (!kept.has(oneof.name) && !oneof.fields.some(isRead)) return [];
  const gone = oneof.fields.filter((field) => !isRead(field));
  return gone.map(({ name, number }) =>
    demanded('ONEOF_FIELD_REMOVED', `${name} is gone from ${oneof.name}`, `${path}/${oneof.name}/${number}`),
  );
}

function namesOf(fields: readonly DescField[]): string {
  return fields.map(({ name }) => name).join(', ');
}
