import { clearExtension, create, type DescExtension, getExtension, hasExtension, setExtension } from '@bufbuild/protobuf';
import { type UninterpretedOption, UninterpretedOptionSchema } from '@bufbuild/protobuf/wkt';
import { type AggregateField, parseAggregate, printAggregate } from './aggregate.ts';
import type { OptionSet } from './option-sets.ts';
import type { Options } from './options.ts';
import { addField, printValue, rootOf } from './print-options.ts';
import { kindOf, printTextValue, readTextValue } from './text-values.ts';

/**
 * Options that a file declares itself are kept as they were written; in a serialised descriptor they are fields of the options' message.
 * This makes them such. What no extension is known for, or does not fit it, stays as it was written.
 */
export function interpretOptions({ schema, options }: OptionSet, extensions: readonly DescExtension[], scope: string): void {
  const kept: UninterpretedOption[] = [];
  for (const [root, given] of Map.groupBy(options.uninterpretedOption, rootOf)) {
    const extension = extensionNamed(root, extensions, scope);
    if (extension?.extendee.typeName !== schema.typeName || !setOption(options, extension, given)) kept.push(...given);
  }
  options.uninterpretedOption = kept;
}

/** The other way round: what was serialised is written out, so that it is text as everything else of the file. */
export function writeOutOptions({ schema, options }: OptionSet, extensions: readonly DescExtension[]): void {
  for (const extension of extensions) {
    if (extension.extendee.typeName !== schema.typeName || !hasExtension(options, extension)) continue;
    const value: unknown = getExtension(options, extension);
    const values = extension.fieldKind === 'list' ? (value as readonly unknown[]) : [value];
    options.uninterpretedOption.push(...values.map((each) => written(extension, each)));
    clearExtension(options, extension);
  }
}

/** `(tags)` within `a.b` is `a.b.tags`, else `a.tags`, else `tags`. */
function extensionNamed(root: string, extensions: readonly DescExtension[], scope: string): DescExtension | undefined {
  if (!root.startsWith('(')) return undefined;
  const name = root.slice(1, -1);
  const parts = scope === '' ? [] : scope.split('.');
  const names = [...parts.keys(), parts.length].map((count) => [...parts.slice(0, count), name].join('.')).reverse();
  return names.map((full) => extensions.find(({ typeName }) => typeName === full)).find((found) => found !== undefined);
}

function setOption(options: Options, extension: DescExtension, given: readonly UninterpretedOption[]): boolean {
  try {
    const values = textsOf(given).map((text) => readTextValue(kindOf(extension), text));
    // A list may have been begun under another spelling of its name.
    const all =
      extension.fieldKind === 'list' ? [...(getExtension(options, extension) as readonly unknown[]), ...values] : values.at(-1);
    setExtension(options, extension, all as never);
    return true;
  } catch {
    return false;
  }
}

/** Fields that were set one by one are one message. */
function textsOf(given: readonly UninterpretedOption[]): AggregateField['value'][] {
  const fields: AggregateField[] = [];
  for (const option of given.filter(({ name }) => name.length > 1)) addField(fields, option);
  const whole = given
    .filter(({ name }) => name.length === 1)
    .map((option) => (option.aggregateValue === '' ? printValue(option) : (parseAggregate(option.aggregateValue) ?? '')));
  return fields.length === 0 ? whole : [...whole, fields];
}

function written(extension: DescExtension, value: unknown): UninterpretedOption {
  const option = create(UninterpretedOptionSchema, { name: [{ namePart: extension.typeName, isExtension: true }] });
  const text = printTextValue(kindOf(extension), value);
  if (typeof text !== 'string') option.aggregateValue = printAggregate(text);
  else if (typeof value === 'string' || value instanceof Uint8Array)
    option.stringValue = new TextEncoder().encode(String(JSON.parse(text)));
  else if (/^-\d+$/.test(text)) option.negativeIntValue = BigInt(text);
  else if (/^\d+$/.test(text)) option.positiveIntValue = BigInt(text);
  else if (typeof value === 'number' && extension.enum === undefined) option.doubleValue = value;
  else option.identifierValue = text;
  return option;
}
