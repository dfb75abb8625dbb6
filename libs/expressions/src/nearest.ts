/** Edits (insert, delete, replace, swap neighbours) that lead from one word to the other (optimal string alignment). */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let edits = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (same ? 0 : 1));
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && isSwapped) edits = Math.min(edits, (beforeLast[column - 2] ?? 0) + 1);
      current[column] = edits;
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length] ?? 0;
}

/** Names longer than this are nobody's typo. */
const nameCharactersMax = 200;

/** The known word that was probably meant, or null: at most a third of the letters wrong, letter case aside. */
export function nearestOf(word: string, known: Iterable<string>): string | null {
  if (word.length > nameCharactersMax) return null;
  let best: { candidate: string; edits: number } | null = null;
  for (const candidate of known) {
    if (candidate.length > nameCharactersMax) continue;
    const edits = word === candidate ? 0 : Math.min(editDistance(word, candidate), foldedDistance(word, candidate));
    const edge = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
    if (edits <= edge && (best === null || edits < best.edits)) best = { candidate, edits };
  }
  return best?.candidate ?? null;
}

/** Letter case counts for half an edit in all, so that `CO2ppm` finds `co2Ppm`. */
function foldedDistance(word: string, candidate: string): number {
  return editDistance(word.toLowerCase(), candidate.toLowerCase()) + 0.5;
}
