import { isObject } from '../../json/dialect.ts';
import type { Incompatibility } from '../incompatibility.ts';
import { type Comparison, undecided } from './comparison.ts';
import { areDisjoint } from './disjoint.ts';
import { listOf, type Part, partsOf, typesOf } from './facts.ts';
import { below, type JsonNode, wordsOf } from './node.ts';
import { propertyNodes, requiredNames } from './objects.ts';
import { Written } from './written.ts';

export function compareCombined(comparison: Comparison): Incompatibility[] {
  return [...compareAny(comparison), ...compareOne(comparison), ...compareNot(comparison), ...compareIf(comparison)];
}

function compareAny(comparison: Comparison): Incompatibility[] {
  const { node, json, written } = comparison;
  if (json['anyOf'] === undefined) return [];
  const branches = branchesOf(node, 'anyOf', json['anyOf']);
  const attempts = branches.map((branch) => comparison.itself(written, branch));
  return attempts.some((attempt) => attempt.length === 0) ? [] : noBranch(comparison, 'anyOf', attempts);
}

function compareOne(comparison: Comparison): Incompatibility[] {
  const { node, json, written, reason } = comparison;
  if (json['oneOf'] === undefined) return [];
  const branches = branchesOf(node, 'oneOf', json['oneOf']);
  const attempts = branches.map((branch) => comparison.itself(written, branch));
  const own = attempts.findIndex((attempt) => attempt.length === 0);
  if (own < 0) return noBranch(comparison, 'oneOf', attempts);
  const other = branches.findIndex((branch, index) => index !== own && !excludes(comparison, written, branch));
  if (other < 0) return [];
  const type = attempts[other]?.length === 0 ? 'COMBINED_TYPE_SUBSCHEMAS_CHANGED' : undecided;
  const message = `what was written suits branch ${own}, and may suit branch ${other} as well`;
  return reason(type, ['oneOf'], { message });
}

function branchesOf(node: JsonNode, keyword: string, list: unknown): JsonNode[] {
  return [...listOf(list).keys()].map((index) => below(node, keyword, index));
}

/** The branch with the fewest reasons is the one that is meant. */
function noBranch({ reason }: Comparison, keyword: string, attempts: readonly Incompatibility[][]): Incompatibility[] {
  const certain = attempts.filter((attempt) => attempt.every(({ type }) => type !== undecided));
  const message = `no branch of ${keyword} takes all that may have been written`;
  if (certain.length < attempts.length) return reason(undecided, [keyword], { message });
  const [nearest = []] = [...certain].sort((left, right) => left.length - right.length);
  return [...reason('SUM_TYPE_NARROWED', [keyword], { message }), ...(certain.length === 1 ? nearest : [])];
}

/** True when it is certain that nothing that may have been written is valid under a schema. */
function excludes({ itself }: Comparison, written: Written, node: JsonNode): boolean {
  const parts = partsOf([node]);
  if (parts === null || [...typesOf(parts)].every((type) => !written.types.has(type))) return true;
  if (areDisjoint(written.nodes, [node])) return true;
  return written.nots.some((not) => itself(written.with(node), not).length === 0);
}

function compareNot(comparison: Comparison): Incompatibility[] {
  const { node, json, parts, written, reason } = comparison;
  if (json['not'] === undefined) return [];
  if (excludes(comparison, written, below(node, 'not'))) return [];
  const isNew = parts.every((part) => part.json['not'] === undefined);
  const message = 'what is excluded may have been written';
  return reason(isNew ? undecided : 'NOT_TYPE_EXTENDED', ['not'], { message });
}

function compareIf(comparison: Comparison): Incompatibility[] {
  const { node, json, written, reason } = comparison;
  if (json['if'] === undefined) return [];
  const when = below(node, 'if');
  const branch = (keyword: 'then' | 'else', known: Written): Incompatibility[] =>
    json[keyword] === undefined ? [] : comparison.itself(known, below(node, keyword));
  const never = written.nots.some((not) => sameWords(not, when)) || excludes(comparison, written, when);
  const always = !never && comparison.itself(written, when).length === 0;
  const found = [...(never ? [] : branch('then', written.with(when))), ...(always ? [] : branch('else', written))];
  if (found.length === 0) return [];
  const message = 'what may have been written does not suit then or else in every case that if tells apart';
  return never || always ? found : reason(undecided, ['if'], { message });
}

function sameWords(left: JsonNode, right: JsonNode): boolean {
  return left === right || (wordsOf(left) !== null && wordsOf(left) === wordsOf(right));
}

/** `dependencies` of all drafts, and what later ones made of them. */
export function compareDependencies(comparison: Comparison): Incompatibility[] {
  const { node, json } = comparison;
  return dependenciesOf({ node, json }).flatMap(({ keyword, name, needs }) => {
    if (propertyNodes(comparison.parts, name).some(({ json: property }) => property === false)) return [];
    if (Array.isArray(needs)) return compareNames(comparison, { keyword, name, needs });
    const nodes = schemasNeeded(comparison.parts, name);
    const written = requireWith(nodes, comparison.written);
    const found = comparison.itself(written, below(node, keyword, name));
    if (found.length === 0 || nodes.length > 0) return found;
    const message = `an object with ${name} must suit a schema now`;
    return [...comparison.reason('DEPENDENCY_SCHEMA_ADDED', [keyword, name], { message }), ...found];
  });
}

interface Dependency {
  readonly keyword: string;
  readonly name: string;
  readonly needs: unknown;
}

function dependenciesOf({ node, json }: Part): Dependency[] {
  const later = node.texts.dialect === 'draft-07' ? [] : ['dependentRequired', 'dependentSchemas'];
  return ['dependencies', ...later].flatMap((keyword) => {
    const entries = isObject(json[keyword]) ? Object.entries(json[keyword]) : [];
    return entries.map(([name, needs]) => ({ keyword, name, needs }));
  });
}

/** Schemas that what was written obeys if it has the property. */
function schemasNeeded(parts: readonly Part[], name: string): JsonNode[] {
  return parts.flatMap((part) =>
    dependenciesOf(part).flatMap((each) =>
      each.name === name && !Array.isArray(each.needs) ? [below(part.node, each.keyword, name)] : [],
    ),
  );
}

function requireWith(nodes: readonly JsonNode[], written: Written): Written {
  return nodes.reduce((known, node) => known.with(node), written);
}

function compareNames({ parts, reason }: Comparison, { keyword, name, needs }: Dependency): Incompatibility[] {
  const known = parts.flatMap(dependenciesOf).filter((each) => each.name === name && Array.isArray(each.needs));
  const guaranteed = new Set([name, ...requiredNames(parts), ...known.flatMap((each) => listOf(each.needs))]);
  const missing = listOf(needs).filter((need) => !guaranteed.has(need as string));
  if (missing.length === 0) return [];
  const type = `DEPENDENCY_ARRAY_${known.length === 0 ? 'ADDED' : 'EXTENDED'}`;
  const message = `an object with ${name} must have ${missing.join(', ')} now`;
  return reason(type, [keyword, name], { message, reader: needs });
}
