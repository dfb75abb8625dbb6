import { invalidSchema } from '../problems.ts';
import { isObject } from './dialect.ts';

/** For each of them ajv goes over all the others when it compiles. */
const conditionsMax = 1_000;
/** References cost less. */
const refsForOne = 4;
const single: readonly string[] = ['if', 'not', 'contains', 'propertyNames', 'uniqueItems'];
const eachEntry: readonly string[] = ['patternProperties', 'dependencies', 'dependentSchemas', 'dependentRequired'];
const branching: readonly string[] = ['allOf', 'anyOf', 'oneOf'];
const unevaluated: readonly string[] = ['unevaluatedProperties', 'unevaluatedItems'];
const named: readonly string[] = ['properties', 'definitions', '$defs', ...eachEntry];
/** Keywords whose values are no schemas. */
const instances: readonly string[] = ['enum', 'const', 'default', 'examples'];

interface Found {
  conditions: number;
  branches: number;
  looksBack: boolean;
  readonly patterns: Set<unknown>;
  readonly refs: Set<unknown>;
}

/** Throws `schema.invalid-schema` for a schema with more conditions than are compiled in time. */
export function checkConditions(json: unknown): void {
  const found: Found = { conditions: 0, branches: 0, looksBack: false, patterns: new Set(), refs: new Set() };
  count(json, found);
  const { conditions, branches, looksBack, patterns, refs } = found;
  const all = conditions + patterns.size + refs.size / refsForOne + (looksBack ? branches : 0);
  if (all > conditionsMax)
    throw invalidSchema(
      `JSON Schema: patterns, references and conditions are too many: ${Math.ceil(all)}, and ${conditionsMax} are compiled`,
    );
}

function count(json: unknown, found: Found): void {
  if (Array.isArray(json)) for (const each of json) count(each, found);
  if (!isObject(json)) return;
  for (const [keyword, value] of Object.entries(json)) {
    if (instances.includes(keyword)) continue;
    if (keyword === 'pattern') found.patterns.add(value);
    else if (keyword === '$ref') found.refs.add(value);
    else if (single.includes(keyword)) found.conditions += 1;
    else if (eachEntry.includes(keyword)) found.conditions += Object.keys(Object(value)).length;
    else if (branching.includes(keyword)) found.branches += Array.isArray(value) ? value.length : 0;
    else if (unevaluated.includes(keyword)) found.looksBack = true;
    count(named.includes(keyword) ? Object.values(Object(value)) : value, found);
  }
}
