import { type DescMessage, isFieldSet, type Message } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { type UninterpretedOption, UninterpretedOptionSchema } from '@bufbuild/protobuf/wkt';
import { type AggregateField, parseAggregate, printAggregate } from './aggregate.ts';

type Options = (Message & { uninterpretedOption: UninterpretedOption[] }) | undefined;

/** `name = value` of every option that is set, by name. What descriptor.proto says through structure is no option here. */
export function optionsOf(schema: DescMessage, options: Options): string[] {
  if (options === undefined) return [];
  const reflected = reflect(schema, options);
  const known = schema.fields.flatMap((field) => {
    if ((field.fieldKind !== 'scalar' && field.fieldKind !== 'enum') || !reflected.isSet(field) || field.name === 'map_entry')
      return [];
    const value = reflected.get(field);
    const text = field.fieldKind === 'enum' ? (field.enum.value[value as number]?.name ?? '0') : JSON.stringify(value);
    return [`${field.name} = ${text}`];
  });
  const custom = [...Map.groupBy(options.uninterpretedOption, rootOf)].flatMap(([root, given]) => printCustom(root, given));
  return [...known, ...custom].sort(byName);
}

/** Values of the same name keep their order: they are entries of a list. */
function byName(left: string, right: string): number {
  const [before, after] = [nameOf(left), nameOf(right)];
  return before === after ? 0 : before < after ? -1 : 1;
}

/** Of `name = value`. */
export function nameOf(option: string): string {
  return option.slice(0, option.indexOf(' = '));
}

/** `(a.b)` or a plain name. */
export function rootOf({ name: [first] }: UninterpretedOption): string {
  const part = plain(first?.namePart ?? '');
  return first?.isExtension === true ? `(${part})` : part;
}

/** An option of a message is printed as a whole, also where its fields were set one by one: `(a).b = 1, (a).c = 2`. */
function printCustom(root: string, given: readonly UninterpretedOption[]): string[] {
  const whole = given.filter(({ name }) => name.length === 1).map(printValue);
  const fields: AggregateField[] = [];
  for (const option of given.filter(({ name }) => name.length > 1)) addField(fields, option);
  return [...whole, ...(fields.length === 0 ? [] : [printAggregate(fields)])].map((value) => `${root} = ${value}`);
}

/** `(a).b.c = 1` says what `(a) = { b { c: 1 } }` does. A message on the way is there once. */
export function addField(fields: AggregateField[], option: UninterpretedOption): void {
  const path = option.name.slice(1).map(({ namePart, isExtension }) => (isExtension ? `[${plain(namePart)}]` : namePart));
  let within = fields;
  for (const name of path.slice(0, -1)) {
    const known = within.find((field) => field.name === name && typeof field.value !== 'string');
    const inner = Array.isArray(known?.value) ? known.value : [];
    if (known === undefined) within.push({ name, value: inner });
    within = inner;
  }
  const value = (option.aggregateValue === '' ? null : parseAggregate(option.aggregateValue)) ?? printValue(option);
  within.push({ name: path.at(-1) ?? '', value });
}

/** Without the dot of a full name. */
function plain(name: string): string {
  return name.replace(/^\./, '');
}

const valueOf = UninterpretedOptionSchema.field;

/** A value as it is written. */
export function printValue(option: UninterpretedOption): string {
  if (isFieldSet(option, valueOf.stringValue)) return JSON.stringify(new TextDecoder().decode(option.stringValue));
  if (isFieldSet(option, valueOf.identifierValue)) return option.identifierValue;
  if (isFieldSet(option, valueOf.doubleValue)) return String(option.doubleValue);
  if (isFieldSet(option, valueOf.negativeIntValue)) return String(option.negativeIntValue);
  if (isFieldSet(option, valueOf.positiveIntValue)) return String(option.positiveIntValue);
  const fields = parseAggregate(option.aggregateValue);
  return fields === null ? option.aggregateValue : printAggregate(fields);
}
