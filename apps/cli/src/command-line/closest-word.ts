/** The word that was probably meant: at most a third of its letters differ. Null when nothing is near. */
export function closestWord(word: string, words: readonly string[]): string | null {
  let closest: string | null = null;
  let fewest = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of words) {
    const edits = editsBetween(word, candidate);
    if (edits >= fewest) continue;
    fewest = edits;
    closest = candidate;
  }
  return closest;
}

/** Levenshtein's distance, with two neighbours that changed places counted as one edit. */
function editsBetween(left: string, right: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let edits = Math.min(at(previous, column - 1) + (same ? 0 : 1), at(previous, column) + 1, at(current, column - 1) + 1);
      const swapped = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) edits = Math.min(edits, at(before, column - 2) + 1);
      current.push(edits);
    }
    before = previous;
    previous = current;
  }
  return at(previous, right.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
