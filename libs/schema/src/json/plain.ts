import { isObject } from './dialect.ts';

const depthMax = 30;
const words: readonly string[] = [
  ...['$schema', '$comment', 'title', 'description', 'default', 'examples', 'unit', 'format', 'contentEncoding', 'type', 'const'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength'],
  ...['minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties', 'required', 'readOnly', 'writeOnly', 'deprecated'],
];

/** True for schemas of which the schema of their dialect says all: nothing refers, no pattern is a wrong one, no keyword is our own. */
export function isPlain(json: unknown, depth = 0): boolean {
  if (typeof json === 'boolean') return depth > 0;
  if (!isObject(json) || depth > depthMax) return false;
  const inner = (value: unknown): boolean => isPlain(value, depth + 1);
  return Object.entries(json).every(([keyword, value]) => {
    if (words.includes(keyword)) return true;
    if (keyword === 'enum') return Array.isArray(value) && value.length > 0;
    if (keyword === 'properties') return isObject(value) && Object.values(value).every(inner);
    if (keyword === 'additionalProperties' || keyword === 'items' || keyword === 'not') return inner(value);
    if (keyword === 'allOf' || keyword === 'anyOf' || keyword === 'oneOf') return Array.isArray(value) && value.every(inner);
    return false;
  });
}
