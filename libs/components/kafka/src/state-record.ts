import type { StateChange } from '@penstock/pipeline';
import type { FetchedRecord, OutgoingRecord } from './port.ts';

const text = new TextDecoder();

/** A change as a record of a compacted topic: its key is the length of the store's name (uint16), the name, and the key. */
export function encodeChange({ store, key, value }: StateChange): OutgoingRecord {
  const name = Buffer.from(store);
  const packed = Buffer.alloc(2 + name.length + key.length);
  packed.writeUInt16BE(name.length);
  packed.set(name, 2);
  packed.set(key, 2 + name.length);
  return { key: packed, value, headers: [] };
}

export function decodeChange({ key, value, offset }: FetchedRecord): StateChange {
  const packed = key ?? new Uint8Array();
  const nameEnd = 2 + (((packed[0] ?? 0) << 8) | (packed[1] ?? 0));
  if (packed.length < nameEnd) throw new TypeError(`changelog record at offset ${offset}: its key is no store and key`);
  return { store: text.decode(packed.subarray(2, nameEnd)), key: packed.subarray(nameEnd), value };
}
