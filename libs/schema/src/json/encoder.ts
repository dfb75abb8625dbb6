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

/** Compiles a template of the record's JSON, in the order of the schema; null is left out where the schema allows it. */
export function compileJsonEncoder(schema: JsonSchema, bindings: readonly Binding[], frame: Uint8Array): EncodeBody {
  const columns = columnCode(bindings);
  const written = bindings.map((binding) => writtenProperty(schema, binding, `${columns.variable(binding)}[row]`));
  checkRequired(schema, written);
  const source = `
    ${columns.declarations}
    return function encode(rows, row) {
      ${columns.refresh}
      let text = '{';
      ${written.map((entry, index) => propertyCode(entry, written.slice(0, index))).join('\n')}
      text += '}';
      writer.reserve(${frame.length} + text.length * 3);
      ${[...frame].map((byte) => `writer.byte(${byte});`).join(' ')}
      writer.at += writeUtf8(text, writer.bytes, writer.at);
      return writer.take();
    };`;
  return compileSource<EncodeBody>(source, { ...environment, writer: new ByteWriter() });
}

/** Characters that JSON escapes, and halves of surrogate pairs, which UTF-8 cannot say. */
const escaped = /["\\\ud800-\udfff]|[^\u0020-\uffff]/;

const environment = {
  checkFinite,
  checkWhole,
  writeUtf8,
  whole,
  time,
  quote: (text: string): string => (escaped.test(text) ? JSON.stringify(text) : `"${text}"`),
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

function propertyCode({ binding, property, value }: WrittenProperty, before: readonly WrittenProperty[]): string {
  const label = JSON.stringify(property.name);
  const isNull = ['string', 'bytes', 'boolean'].includes(binding.field.type) ? 'value === null' : 'value !== value';
  const comma = commaCode(before);
  const literal = (written: string): string => `text += ${comma}${JSON.stringify(`${label}:`)} + ${written};`;
  const [check, written] = valueCode(property, label);
  const onNull = property.required ? (property.allowsNull ? literal('"null"') : `missNull(${label});`) : '';
  return `{ const value = ${value}; if (${isNull}) { ${onNull} } else { ${check} ${literal(written)} } }`;
}

/** A comma goes before every property but the first one that is written: known at once when one before is always written. */
function commaCode(before: readonly WrittenProperty[]): string {
  if (before.length === 0) return '';
  return before.some(({ property }) => property.required) ? "',' + " : "(text.length > 1 ? ',' : '') + ";
}

function valueCode({ field }: JsonProperty, label: string): [check: string, written: string] {
  switch (field?.type) {
    case 'number':
      return [`checkFinite(value, ${label});`, 'value'];
    case 'integer':
      return [`checkWhole(value, ${label}, whole);`, 'value'];
    case 'time':
      return [`checkWhole(value, ${label}, time);`, `'"' + instant(value) + '"'`];
    case 'bytes':
      return ['', `'"' + base64(value) + '"'`];
    case 'boolean':
      return ['', 'value'];
    default:
      return ['', 'quote(value)'];
  }
}
