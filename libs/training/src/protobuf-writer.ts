const utf8 = new TextEncoder();
const wireType = { varint: 0, bytes: 2 } as const;

/** Writes one Protobuf message, field by field. Only what an ONNX file needs: its numbers are not negative and below 2^53. */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];

  integer(field: number, value: number): this {
    this.#parts.push(varint(field * 8 + wireType.varint), varint(value));
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#parts.push(varint(field * 8 + wireType.bytes), varint(value.length), value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, utf8.encode(value));
  }

  message(field: number, message: ProtobufWriter): this {
    return this.bytes(field, message.finish());
  }

  /** A packed list. */
  integers(field: number, values: Iterable<number>): this {
    return this.bytes(field, Buffer.concat(Array.from(values, varint)));
  }

  /** A packed list of float32, little-endian whatever the machine is. */
  floats(field: number, values: ArrayLike<number>): this {
    const packed = new DataView(new ArrayBuffer(values.length * 4));
    for (let index = 0; index < values.length; index += 1) packed.setFloat32(index * 4, values[index] as number, true);
    return this.bytes(field, new Uint8Array(packed.buffer));
  }

  finish(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#parts));
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
