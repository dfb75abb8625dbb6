import { isObject } from '../../json/dialect.ts';
import type { Incompatibility } from '../incompatibility.ts';
import type { Comparison } from './comparison.ts';
import { below, type JsonNode } from './node.ts';
import {
  additionalNodes,
  closedCount,
  isOpen,
  namedProperties,
  patternNodes,
  patternsOf,
  propertyNodes,
  requiredNames,
} from './objects.ts';
import { matches } from './pattern.ts';
import { compareSize } from './scalars.ts';

export function compareObjects(comparison: Comparison): Incompatibility[] {
  const { parts } = comparison;
  return [
    ...compareRequired(comparison),
    ...compareProperties(comparison),
    ...comparePatterns(comparison),
    ...compareAdditional(comparison),
    ...compareNames(comparison),
    ...compareSize(comparison, { keyword: 'minProperties', name: 'MIN_PROPERTIES', known: requiredNames(parts).size }),
    ...compareSize(comparison, { keyword: 'maxProperties', name: 'MAX_PROPERTIES', known: closedCount(parts) }),
  ];
}

function compareRequired(comparison: Comparison): Incompatibility[] {
  const { parts, node, json, reason } = comparison;
  const written = requiredNames(parts);
  const known = namedProperties(parts);
  return [...requiredNames([{ node, json }])].flatMap((name) => {
    if (written.has(name) || (comparison.fillsIn && hasDefault(comparison, name))) return [];
    const message = `the property ${name} is required, and may not have been written`;
    if (known.has(name)) return reason('REQUIRED_ATTRIBUTE_ADDED', ['required'], { message, reader: name });
    const model = isOpen(parts, name) ? 'OPEN' : 'UNOPEN';
    return reason(`REQUIRED_PROPERTY_ADDED_TO_${model}_CONTENT_MODEL`, ['required'], { message, reader: name });
  });
}

/** Keywords that may refuse an object because a property was filled in. */
const judgesOfObjects = [
  ...['$ref', '$recursiveRef', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'enum', 'const', 'patternProperties'],
  ...['dependencies', 'dependentRequired', 'dependentSchemas', 'maxProperties', 'propertyNames'],
];

function hasDefault({ node, json }: Comparison, name: string): boolean {
  if (judgesOfObjects.some((keyword) => json[keyword] !== undefined)) return false;
  const properties = json['properties'];
  if (!isObject(properties) || !Object.hasOwn(properties, name)) return false;
  const property = below(node, 'properties', name);
  return (
    typeof property.json === 'object' && 'default' in property.json && node.texts.validates(property, property.json['default'])
  );
}

function compareProperties(comparison: Comparison): Incompatibility[] {
  const { parts, node, json } = comparison;
  const written = namedProperties(parts);
  return [...namedProperties([{ node, json }])].flatMap((name) => {
    const found = comparison.within(propertyNodes(parts, name), below(node, 'properties', name));
    return found.length === 0 || written.has(name) ? found : addedProperty(comparison, name, found);
  });
}

/** A property that the writer did not name, but may have written. */
function addedProperty({ parts, reason }: Comparison, name: string, found: Incompatibility[]): Incompatibility[] {
  const at = ['properties', name];
  if (isOpen(parts, name)) {
    const message = `the property ${name} is new, and anything may have been written under this name`;
    return reason('PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL', at, { message, reader: name });
  }
  const message = `the property ${name} is new, and what may have been written under this name does not suit it`;
  return covered(reason('PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL', at, { message, reader: name }), found);
}

/** The policy may let the change itself pass; what was said of such properties by both must suit all the same. */
function covered(own: Incompatibility[], details: Incompatibility[]): Incompatibility[] {
  return [...own, ...details];
}

function comparePatterns(comparison: Comparison): Incompatibility[] {
  const { parts, node, json, reason } = comparison;
  return [...patternsOf([{ node, json }])].flatMap((pattern) => {
    const reader = below(node, 'patternProperties', pattern);
    const named = [...namedProperties(parts)].filter((name) => matches(pattern, name));
    const byName = named.flatMap((name) => comparison.within(propertyNodes(parts, name), reader));
    const byPattern = unnamedUnder(comparison, pattern, reader);
    if (byPattern.length === 0) return byName;
    const message = `properties like ${pattern} are judged, and others may have been written`;
    const type = 'PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL';
    const own = reason(type, ['patternProperties', pattern], { message, reader: pattern });
    return [...byName, ...covered(own, byPattern)];
  });
}

/** Names that match a pattern and are not named by the writer: they obey the same pattern, or whatever else a part says of them. */
function unnamedUnder({ parts, within }: Comparison, pattern: string, reader: JsonNode): Incompatibility[] {
  const same = within(patternNodes(parts, pattern), reader);
  if (same.length === 0) return [];
  const attempts = parts.map((part) => {
    const others = [...patternsOf([part])].flatMap((other) => within(patternNodes([part], other), reader));
    return [...others, ...within(additionalNodes(part), reader)];
  });
  return attempts.some((attempt) => attempt.length === 0) ? [] : same;
}

function compareAdditional(comparison: Comparison): Incompatibility[] {
  const { parts, node, json, reason } = comparison;
  const own = { node, json };
  const [reader] = additionalNodes(own);
  if (reader === undefined || reader.json === true) return [];
  const readerPatterns = [...patternsOf([own])];
  const readerNames = namedProperties([own]);
  const isCovered = (name: string): boolean => readerNames.has(name) || readerPatterns.some((pattern) => matches(pattern, name));
  const named = [...namedProperties(parts)].filter((name) => !isCovered(name));
  const patterns = [...patternsOf(parts)].filter((pattern) => !readerPatterns.includes(pattern));
  const at = [json['additionalProperties'] === undefined ? 'unevaluatedProperties' : 'additionalProperties'];
  const byPattern = patterns.flatMap((pattern) => {
    const found = comparison.within(patternNodes(parts, pattern), reader);
    const message = `properties like ${pattern} may have been written, and do not suit what is said of other properties`;
    const type = 'PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL';
    return found.length === 0 ? [] : covered(reason(type, at, { message, writer: pattern }), found);
  });
  const rest = comparison.within(parts.flatMap(additionalNodes), reader);
  const type = reader.json === false ? 'ADDITIONAL_PROPERTIES_REMOVED' : 'ADDITIONAL_PROPERTIES_NARROWED';
  const message = 'properties that nobody named may have been written';
  return [
    ...named.flatMap((name) => removedProperty(comparison, name, reader)),
    ...byPattern,
    ...(rest.length === 0 ? [] : narrowed(reason(type, at, { message }), reader.json === false ? [] : rest)),
  ];
}

/** Where the policy lets properties that nobody named be narrowed, it does not let them become something else. */
function narrowed(own: Incompatibility[], details: Incompatibility[]): Incompatibility[] {
  return own.length > 0 ? [...own, ...details] : details.filter(({ type }) => type === 'TYPE_CHANGED');
}

function removedProperty(comparison: Comparison, name: string, reader: JsonNode): Incompatibility[] {
  const { parts, reason } = comparison;
  const found = comparison.within(propertyNodes(parts, name), reader);
  if (found.length === 0) return [];
  if (reader.json === false) {
    const message = `the property ${name} may have been written, and no property but those named is allowed`;
    return reason('PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL', ['properties', name], { message, writer: name });
  }
  const message = `the property ${name} may have been written, and does not suit what is said of other properties`;
  const type = 'PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL';
  return covered(reason(type, ['properties', name], { message, writer: name }), found);
}

function compareNames(comparison: Comparison): Incompatibility[] {
  const { parts, node, json, reason } = comparison;
  if (json['propertyNames'] === undefined) return [];
  const reader = below(node, 'propertyNames');
  const written = parts.flatMap((part) => (part.json['propertyNames'] === undefined ? [] : [below(part.node, 'propertyNames')]));
  if (comparison.within(written, reader).length === 0) return [];
  const named = [...namedProperties(parts)];
  if (Number.isFinite(closedCount(parts)) && named.every((name) => node.texts.validates(reader, name))) return [];
  const type = `PROPERTY_NAMES_${written.length === 0 ? 'ADDED' : 'CHANGED'}`;
  return reason(type, ['propertyNames'], { message: 'properties of other names may have been written' });
}
