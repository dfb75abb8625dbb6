/** A line that both texts have, or one alone. */
export interface LineDifference {
  readonly kind: 'same' | 'added' | 'removed';
  readonly line: string;
}

/** Beyond this many pairs of lines the middle of two texts is told as replaced: a table of them would not be worth its memory. */
const pairsMax = 4_000_000;

/** The lines of two texts side by side: a longest common subsequence is the same, removed lines come before added ones. */
export function diffLines(before: string, after: string): LineDifference[] {
  const [earlier, later] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (head < earlier.length && head < later.length && earlier[head] === later[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(earlier.length, later.length) - head && earlier.at(-1 - tail) === later.at(-1 - tail)) tail += 1;
  const middle = diffMiddle(earlier.slice(head, earlier.length - tail), later.slice(head, later.length - tail));
  return [...as('same', later.slice(0, head)), ...middle, ...as('same', later.slice(later.length - tail))];
}

function as(kind: LineDifference['kind'], lines: readonly string[]): LineDifference[] {
  return lines.map((line) => ({ kind, line }));
}

function diffMiddle(earlier: readonly string[], later: readonly string[]): LineDifference[] {
  if (earlier.length * later.length > pairsMax) return [...as('removed', earlier), ...as('added', later)];
  const width = later.length + 1;
  const lengths = commonLengths(earlier, later);
  const found: LineDifference[] = [];
  let [row, column] = [0, 0];
  while (row < earlier.length && column < later.length) {
    const [mine, theirs] = [earlier[row] ?? '', later[column] ?? ''];
    if (mine === theirs) found.push({ kind: 'same', line: theirs });
    const down = lengths[(row + 1) * width + column] ?? 0;
    const right = lengths[row * width + column + 1] ?? 0;
    if (mine !== theirs) found.push(down >= right ? { kind: 'removed', line: mine } : { kind: 'added', line: theirs });
    if (mine === theirs || down >= right) row += 1;
    if (mine === theirs || down < right) column += 1;
  }
  return [...found, ...as('removed', earlier.slice(row)), ...as('added', later.slice(column))];
}

/** By row and column: how many lines the rests of the texts have in common. */
function commonLengths(earlier: readonly string[], later: readonly string[]): Uint32Array {
  const width = later.length + 1;
  const lengths = new Uint32Array((earlier.length + 1) * width);
  for (let row = earlier.length - 1; row >= 0; row -= 1) {
    for (let column = later.length - 1; column >= 0; column -= 1) {
      const same = earlier[row] === later[column];
      const [down, right] = [lengths[(row + 1) * width + column] ?? 0, lengths[row * width + column + 1] ?? 0];
      lengths[row * width + column] = same ? (lengths[(row + 1) * width + column + 1] ?? 0) + 1 : Math.max(down, right);
    }
  }
  return lengths;
}
