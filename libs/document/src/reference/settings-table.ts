import type { z } from 'zod';
import { type JsonSchemaNode, jsonSchemaOf } from '../language/json-schema.ts';
import { alternatives } from '../reading/wording.ts';

/** A row of a reference table. */
interface Setting {
  readonly name: string;
  readonly type: string;
  readonly standard: string;
  readonly meaning: string;
}

/** Settings as a table in Markdown, out of the schema by which they are judged. */
export function settingsTable(schema: z.ZodType): string {
  return tableOf(jsonSchemaOf(schema));
}

export function tableOf(node: JsonSchemaNode): string {
  const rows = settingsOf(node).map(
    ({ name, type, standard, meaning }) => `| ${name} | ${cell(type)} | ${cell(standard)} | ${cell(meaning)} |`,
  );
  return ['| setting | takes | default | |', '|---|---|---|---|', ...rows].join('\n');
}

/** A mapping whose keys the author chooses is one row. */
function settingsOf(node: JsonSchemaNode, prefix = ''): readonly Setting[] {
  const { properties = {}, required = [] } = node;
  const entries = Object.entries(properties);
  if (entries.length === 0) return [settingOf('*name*', node, false)];
  return entries.flatMap(([key, inner]) => {
    const name = `${prefix}${key}`;
    const row = settingOf(`\`${name}\``, inner, required.includes(key));
    const nested = inner.properties === undefined ? [] : settingsOf(inner, `${name}.`);
    return [row, ...nested];
  });
}

function settingOf(name: string, node: JsonSchemaNode, isRequired: boolean): Setting {
  const hasPlainDefault = node.default !== undefined && node.default !== null && !isStructure(node.default);
  const standard = hasPlainDefault ? `\`${String(node.default)}\`` : isRequired ? 'required' : '';
  return { name, type: typeOf(node), standard, meaning: node.description ?? '' };
}

function isStructure(value: unknown): boolean {
  return typeof value === 'object';
}

/** What a setting takes, in words. */
export function typeOf(node: JsonSchemaNode): string {
  if (node.const !== undefined) return `\`${String(node.const)}\``;
  if (node.enum !== undefined) return alternatives(node.enum.map((value) => `\`${String(value)}\``));
  if (node.anyOf !== undefined) return alternatives(node.anyOf.map(typeOf).filter((type) => type !== 'anything'));
  if (node.prefixItems !== undefined) return `a list of ${node.prefixItems.length}`;
  if (node.type === 'array') return `a list: ${node.items === undefined ? 'anything' : typeOf(node.items)}`;
  if (node.type === 'object')
    return typeof node.additionalProperties === 'object' ? mapping(node.additionalProperties) : 'a mapping';
  if (node.type === 'integer') return `a whole number${limits(node)}`;
  if (node.type === 'number') return `a number${limits(node)}`;
  const types = typeof node.type === 'string' ? [node.type] : (node.type ?? []);
  const said = types.flatMap((type) => words[type] ?? []);
  return said.length === 0 ? 'anything' : alternatives(said);
}

const words: Readonly<Record<string, string>> = { string: 'a text', boolean: 'true or false' };

function mapping(value: JsonSchemaNode): string {
  return value.properties === undefined ? `names, and for each ${typeOf(value)}` : 'names, and for each a mapping';
}

function limits({ minimum, maximum, exclusiveMinimum }: JsonSchemaNode): string {
  if (exclusiveMinimum !== undefined) return `, above ${exclusiveMinimum}${maximum === undefined ? '' : limits({ maximum })}`;
  const low = minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? null : minimum;
  const high = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? null : maximum;
  if (low !== null && high !== null) return `, ${low} to ${high}`;
  if (low !== null) return `, at least ${low}`;
  return high === null ? '' : `, at most ${high}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
