/**
 * The identities that one device has used lately: numbers as closed ranges, everything else as words, in buckets of event time.
 * The same record has the same event time and so the same bucket, wherever and whenever it turns up again.
 */
export interface Seen {
  /** The newest event time so far, in milliseconds. */
  newestMs: number;
  readonly buckets: SeenBucket[];
}

export interface SeenBucket {
  readonly number: number;
  /** Disjoint closed ranges in ascending order, flat: [from, to, from, to, …]. */
  readonly ranges: number[];
  readonly words: string[];
}

/** An identity in two parts: whose it is, and which of theirs. */
export interface Identity {
  readonly owner: string;
  readonly number: number | null;
  readonly word: string;
}

/** Splits `device-7/1024` into the device and its 1024; an identity without a final number is all word, under its first part. */
export function parseIdentity(id: string): Identity {
  const slash = id.lastIndexOf('/');
  const owner = slash < 0 ? '' : id.slice(0, slash);
  const word = id.slice(slash + 1);
  const number = /^(0|[1-9][0-9]{0,14})$/.test(word) ? Number(word) : null;
  return { owner, number, word };
}

export function createSeen(): Seen {
  return { newestMs: -Number.MAX_VALUE, buckets: [] };
}

/** Remembers an identity; false when it was known. Forgets buckets that ended more than `windowMs` before the newest time. */
export function remember(seen: Seen, identity: Identity, at: { timeMs: number; windowMs: number; bucketMs: number }): boolean {
  const bucket = bucketOf(seen, Math.floor(at.timeMs / at.bucketMs));
  const isNew = identity.number === null ? addWord(bucket.words, identity.word) : addNumber(bucket.ranges, identity.number);
  if (at.timeMs > seen.newestMs) {
    seen.newestMs = at.timeMs;
    const oldest = Math.floor((at.timeMs - at.windowMs) / at.bucketMs);
    while ((seen.buckets[0]?.number ?? oldest) < oldest) seen.buckets.shift();
  }
  return isNew;
}

function bucketOf(seen: Seen, number: number): SeenBucket {
  let index = seen.buckets.length;
  while (index > 0 && (seen.buckets[index - 1] as SeenBucket).number > number) index -= 1;
  const before = seen.buckets[index - 1];
  if (before?.number === number) return before;
  const bucket = { number, ranges: [], words: [] };
  seen.buckets.splice(index, 0, bucket);
  return bucket;
}

function addWord(words: string[], word: string): boolean {
  if (words.includes(word)) return false;
  words.push(word);
  return true;
}

/** Adds a number to ascending ranges, joining neighbours; sequences of a device make one range. */
function addNumber(ranges: number[], number: number): boolean {
  let index = ranges.length; // newest numbers come last: search from the end
  while (index > 0 && (ranges[index - 2] as number) > number) index -= 2;
  const within = index > 0 && number <= (ranges[index - 1] as number);
  if (within) return false;
  const joinsBefore = index > 0 && (ranges[index - 1] as number) + 1 === number;
  const joinsAfter = index < ranges.length && (ranges[index] as number) - 1 === number;
  if (joinsBefore && joinsAfter) ranges.splice(index - 1, 2);
  else if (joinsBefore) ranges[index - 1] = number;
  else if (joinsAfter) ranges[index] = number;
  else ranges.splice(index, 0, number, number);
  return true;
}
