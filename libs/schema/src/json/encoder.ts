import type { Binding } from '@penstock/kernel';
import { missingField } from '../problems.ts';
import { ByteWriter, checkFinite, checkWhole } from '../wire/byte-writer.ts';
import { columnCode, compileSource, type EncodeBody } from '../wire/column-code.ts';
import { checkWritable, unfit } from '../wire/fit.ts';
import { writeUtf8 } from '../wire/text.ts';
import type { JsonProperty, JsonSchema } from './schema.ts';

const whole = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
/** What Date can say: the year 275760 and back. */
const time = { min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 };

interface WrittenProperty {
  readonly binding: Binding;
  readonly property: JsonProperty;
  readonly value: string;
}

/** Compiles a literal of the record, in the order of the schema, for JSON.stringify; null is left out where the schema allows it. */
export function compileJsonEncoder(schema: JsonSchema, bindings: readonly Binding[], frame: Uint8Array): EncodeBody {
  const columns = columnCode(bindings);
  const written = bindings.map((binding) => writtenProperty(schema, binding, `${columns.variable(binding)}[row]`));
  checkRequired(schema, written);
  const source = `
    ${columns.declarations}
    return function encode(rows, row) {
      ${columns.refresh}
      ${written.map(valueStatement).join('\n')}
      const text = stringify({ ${written.map(propertyCode).join(', ')} });
      writer.reserve(${frame.length} + text.length * 3);
      ${[...frame].map((byte) => `writer.byte(${byte});`).join(' ')}
      writer.at += writeUtf8(text, writer.bytes, writer.at);
      return writer.take();
    };`;
  return compileSource<EncodeBody>(source, { ...environment, writer: new ByteWriter() });
}

const environment = {
  checkFinite,
  checkWhole,
  writeUtf8,
  whole,
  time,
  stringify: JSON.stringify,
  base64: (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'),
  instant: (timeMs: number): string => new Date(timeMs).toISOString(),
  missNull: (field: string): never => {
    throw missingField(`${field}: required, and null`, { facts: { field } });
  },
};

function writtenProperty(schema: JsonSchema, binding: Binding, value: string): WrittenProperty {
  const property = schema.properties.find(({ name }) => name === binding.field.name);
  if (!property?.field) throw unfit(binding, 'and the schema has no such scalar property');
  checkWritable(binding, property.field);
  return { binding, property, value };
}

function checkRequired({ properties }: JsonSchema, written: readonly WrittenProperty[]): void {
  for (const property of properties) {
    if (!property.required || written.some((entry) => entry.property === property)) continue;
    throw missingField(`${property.name}: required by the schema, and no column holds it`, { facts: { field: property.name } });
  }
}

/** Declares what JSON is to say of a column: undefined is left out. */
function valueStatement({ binding, property, value }: WrittenProperty, index: number): string {
  const label = JSON.stringify(property.name);
  const isNull = ['string', 'bytes', 'boolean'].includes(binding.field.type) ? 'value === null' : 'value !== value';
  const [check, said] = valueCode(property, label);
  const onNull = property.required ? (property.allowsNull ? `said${index} = null;` : `missNull(${label});`) : '';
  return `let said${index}; { const value = ${value}; if (${isNull}) { ${onNull} } else { ${check} said${index} = ${said}; } }`;
}

/** In brackets, since a literal's `__proto__` would be no property. */
function propertyCode({ property }: WrittenProperty, index: number): string {
  const label = JSON.stringify(property.name);
  return `${property.name === '__proto__' ? `[${label}]` : label}: said${index}`;
}

function valueCode({ field }: JsonProperty, label: string): [check: string, said: string] {
  switch (field?.type) {
    case 'number':
      return [`checkFinite(value, ${label});`, 'value'];
    case 'integer':
      return [`checkWhole(value, ${label}, whole);`, 'value'];
    case 'time':
      return [`checkWhole(value, ${label}, time);`, 'instant(value)'];
    case 'bytes':
      return ['', 'base64(value)'];
    default:
      return ['', 'value'];
  }
}
