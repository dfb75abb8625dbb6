import { invalidPayload } from '../problems.ts';
import type { ByteReader } from '../wire/byte-reader.ts';
import type { AvroType } from './model.ts';

const depthMax = 200;

/** Goes past a value that nobody reads. Counts and depths come from the payload, so both are bounded by it. */
export function skipValue(reader: ByteReader, type: AvroType, depth: number): void {
  if (depth > depthMax)
    throw invalidPayload(`${reader.field}: nested deeper than ${depthMax}`, { facts: { field: reader.field } });
  reader.pass(1);
  switch (type.kind) {
    case 'null':
      return;
    case 'boolean':
      reader.bit();
      return;
    case 'int':
    case 'long':
    case 'enum':
      return reader.wide();
    case 'float':
      return reader.skip(4);
    case 'double':
      return reader.skip(8);
    case 'bytes':
    case 'string':
      return reader.skip(reader.zigzag());
    case 'fixed':
      return reader.skip(type.size);
    case 'array':
      return skipBlocks(reader, () => skipValue(reader, type.items, depth + 1));
    case 'map':
      return skipBlocks(reader, () => {
        reader.skip(reader.zigzag());
        skipValue(reader, type.values, depth + 1);
      });
    case 'record':
      for (const field of type.fields) skipValue(reader, field.type, depth + 1);
      return;
    case 'union':
      return skipBranch(reader, type.branches, depth);
  }
}

function skipBranch(reader: ByteReader, branches: readonly AvroType[], depth: number): void {
  const index = reader.zigzag();
  const branch = branches[index];
  if (branch === undefined)
    throw invalidPayload(`${reader.field}: the union has no branch ${index}`, { facts: { field: reader.field } });
  skipValue(reader, branch, depth + 1);
}

/** A block is a count and its items; a negative count is followed by the block's size, which spares looking at them. */
function skipBlocks(reader: ByteReader, skipItem: () => void): void {
  for (let count = reader.zigzag(); count !== 0; count = reader.zigzag()) {
    if (count < 0) skipSized(reader, -count);
    else skipItems(reader, count, skipItem);
  }
}

function skipSized(reader: ByteReader, count: number): void {
  reader.pass(count);
  reader.skip(reader.zigzag());
}

/** Items may be of no bytes at all (null): a count beyond the payload's own size would be work without end. */
function skipItems(reader: ByteReader, count: number, skipItem: () => void): void {
  if (count > reader.end) throw reader.truncated();
  for (let item = 0; item < count; item += 1) skipItem();
}
