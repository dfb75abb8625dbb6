import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml';

export type DocumentPath = readonly (string | number)[];

/** A place in the text, both from 1 on. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Finds where a value, or a key, stands in the text. */
export interface Places {
  /** The value at a path; where it is not there, the deepest mapping or list on the way to it. */
  value(path: DocumentPath): Place;
  /** A character of the text that stands at a path, as far as it stands there on one line. */
  inside(path: DocumentPath, offset: number): Place;
  /** The key at the end of a path, or as `value` where there is none. */
  key(path: DocumentPath): Place;
}

export function createPlaces(document: Document, lines: LineCounter): Places {
  const placeOf = (offset: number | undefined): Place => {
    const { line, col } = lines.linePos(offset ?? 0);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  return {
    value: (path) => placeOf(deepest(document, path).value?.range?.[0]),
    inside(path, offset) {
      const { value } = deepest(document, path);
      const isOneLine = isScalar(value) && (value.type === 'PLAIN' || value.type?.startsWith('QUOTE') === true);
      const place = placeOf(value?.range?.[0]);
      if (!isOneLine) return place;
      return { line: place.line, column: place.column + offset + (value.type === 'PLAIN' ? 0 : 1) };
    },
    key(path) {
      const { key, value, isWhole } = deepest(document, path);
      return placeOf(isWhole ? (key?.range?.[0] ?? value?.range?.[0]) : value?.range?.[0]);
    },
  };
}

interface Found {
  readonly key: Node | null;
  readonly value: Node | null;
  /** True when the whole path was there. */
  readonly isWhole: boolean;
}

function deepest(document: Document, path: DocumentPath): Found {
  let key: Node | null = null;
  let value: Node | null = document.contents as Node | null;
  for (const part of path) {
    const next = step(document, value, part);
    if (next === null) return { key, value: value ?? key, isWhole: false };
    key = next.key ?? key;
    if (next.value === null) return { key, value: key, isWhole: true };
    value = next.value;
  }
  return { key, value, isWhole: true };
}

function step(document: Document, from: Node | null, part: string | number): { key: Node | null; value: Node | null } | null {
  const node = isAlias(from) ? (from.resolve(document) ?? null) : from;
  if (isMap(node)) {
    const pair = node.items.find((item): item is Pair<Node, Node | null> => isPair(item) && nameOf(item.key) === String(part));
    return pair === undefined ? null : { key: pair.key, value: pair.value };
  }
  if (isSeq(node)) {
    const item = node.items[Number(part)] as Node | undefined;
    return item === undefined ? null : { key: item, value: item };
  }
  return null;
}

function nameOf(key: unknown): string | null {
  return isScalar(key) ? String(key.value) : null;
}
