import type { Incompatibility } from '../incompatibility.ts';
import { itemNodes, restNodes, tupleLength } from './arrays.ts';
import { type Comparison, undecided } from './comparison.ts';
import { numbersOf, type Part } from './facts.ts';
import { below, evaluatesAlone, type JsonNode } from './node.ts';
import { compareSize } from './scalars.ts';

export function compareArrays(comparison: Comparison): Incompatibility[] {
  const known = lengthMax(comparison.parts);
  return [
    ...compareItems(comparison, known),
    ...compareUnique(comparison, known),
    ...compareContains(comparison),
    ...compareUnevaluated(comparison),
    ...compareSize(comparison, { keyword: 'minItems', name: 'MIN_ITEMS' }),
    ...compareSize(comparison, { keyword: 'maxItems', name: 'MAX_ITEMS', known }),
  ];
}

/** How long what was written can be. */
function lengthMax(parts: readonly Part[]): number {
  const closed = parts.flatMap((part) => (isClosed(part) ? [tupleLength([part])] : []));
  return Math.min(Number.POSITIVE_INFINITY, ...numbersOf(parts, 'maxItems'), ...closed);
}

function isClosed(part: Part): boolean {
  return restNodes(part).some(({ json }) => json === false);
}

/** Where tuples end, all other items are alike. */
function compareItems(comparison: Comparison, itemsMax: number): Incompatibility[] {
  const { parts, node, json } = comparison;
  const own = { node, json };
  const length = Math.max(tupleLength(parts), tupleLength([own]));
  const places = Array.from({ length: Math.min(length, itemsMax) }, (_, index) => index);
  const inTuples = places.flatMap((index) =>
    itemNodes([own], index).flatMap((reader) => {
      const found = comparison.within(itemNodes(parts, index), reader);
      return found.length === 0 ? [] : [...itemReason(comparison, index, reader), ...(reader.json === false ? [] : found)];
    }),
  );
  if (itemsMax <= length) return inTuples;
  return [...inTuples, ...restNodes(own).flatMap((reader) => compareRest(comparison, reader))];
}

function itemReason({ parts, node, json, reason }: Comparison, index: number, reader: JsonNode): Incompatibility[] {
  const named = { reader: String(index) };
  if (index < tupleLength(parts)) {
    const message = `item ${index} may have been written, and there may be no more than ${tupleLength([{ node, json }])}`;
    return reader.json === false ? reason('ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL', [], { message, ...named }) : [];
  }
  const isOpen = itemNodes(parts, index).length === 0;
  const message = `item ${index} has a schema now, and ${isOpen ? 'anything' : 'something else'} may have been written there`;
  return reason(`ITEM_ADDED_${isOpen ? 'TO_OPEN' : 'NOT_COVERED_BY_PARTIALLY_OPEN'}_CONTENT_MODEL`, [], { message, ...named });
}

function compareRest({ parts, within, reason }: Comparison, reader: JsonNode): Incompatibility[] {
  const found = within(parts.flatMap(restNodes), reader);
  if (found.length === 0) return [];
  const isRemoved = reader.json === false;
  const message = 'items beyond those that are named may have been written';
  const own = reason(`ADDITIONAL_ITEMS_${isRemoved ? 'REMOVED' : 'NARROWED'}`, [], { message });
  return [...own, ...(isRemoved ? [] : found)];
}

function compareUnique({ parts, json, reason }: Comparison, itemsMax: number): Incompatibility[] {
  if (json['uniqueItems'] !== true || itemsMax <= 1 || parts.some((part) => part.json['uniqueItems'] === true)) return [];
  return reason('UNIQUE_ITEMS_ADDED', ['uniqueItems'], {
    message: 'items must differ now, and may be alike in what was written',
  });
}

function compareContains(comparison: Comparison): Incompatibility[] {
  const { parts, node, json, reason } = comparison;
  if (json['contains'] === undefined) return [];
  const own = { node, json };
  if (bound(own, 'maxContains', Number.POSITIVE_INFINITY) < Number.POSITIVE_INFINITY) {
    return reason(undecided, ['maxContains'], { message: 'maxContains cannot be judged' });
  }
  const least = bound(own, 'minContains', 1);
  const reader = below(node, 'contains');
  const holds = parts.some((part) => {
    if (part.json['contains'] === undefined || bound(part, 'minContains', 1) < least) return false;
    return comparison.within([below(part.node, 'contains')], reader).length === 0;
  });
  const all = Math.max(0, ...numbersOf(parts, 'minItems')) >= least && suitsAllItems(comparison, reader);
  if (least === 0 || holds || all) return [];
  const message = `${least} items of a kind are expected, and may not have been written`;
  const isNew = parts.every((part) => part.json['contains'] === undefined);
  return reason(`MIN_CONTAINS_${isNew ? 'ADDED' : 'INCREASED'}`, ['contains'], { message });
}

/** Before 2019-09 `contains` always asks for one. */
function bound({ node, json }: Part, keyword: string, otherwise: number): number {
  const value = json[keyword];
  return typeof value === 'number' && node.texts.dialect !== 'draft-07' ? value : otherwise;
}

function suitsAllItems({ parts, within }: Comparison, reader: JsonNode): boolean {
  const places = Array.from({ length: tupleLength(parts) }, (_, index) => index);
  const tuple = places.every((index) => within(itemNodes(parts, index), reader).length === 0);
  return tuple && within(parts.flatMap(restNodes), reader).length === 0;
}

/** What `unevaluated…` sees depends on which other schemas of the instance held. */
export function compareUnevaluated({ node, json, reason }: Comparison): Incompatibility[] {
  if (node.texts.dialect === 'draft-07') return [];
  return (['unevaluatedProperties', 'unevaluatedItems'] as const).flatMap((keyword) => {
    const value = json[keyword];
    if (value === undefined || value === true || evaluatesAlone(node, keyword)) return [];
    return reason(undecided, [keyword], { message: `${keyword} beside other schemas cannot be judged` });
  });
}
