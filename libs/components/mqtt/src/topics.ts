import type { Header } from '@penstock/pipeline';

/** The header under which every row carries the topic that it was published to. */
export const topicHeader = 'mqtt_topic';

const cachedMax = 10_000;
const sharePrefix = '$share/';

/** One topic, decoded once for all rows that were published to it. */
export interface Topic {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly levels: readonly string[];
  readonly header: Header;
  /** False when it matches no filter that was asked for: a subscription that the session remembers from an earlier life. */
  readonly wanted: boolean;
}

/** Topics seen lately, by their bytes. Bounded: starts over when it is full. */
export class Topics {
  readonly #filters: readonly string[];
  readonly #seen = new Map<string, Topic>();

  constructor(filters: readonly string[]) {
    this.#filters = filters;
  }

  of(bytes: Buffer): Topic {
    const key = bytes.toString('latin1');
    const seen = this.#seen.get(key);
    if (seen !== undefined) return seen;
    if (this.#seen.size >= cachedMax) this.#seen.clear();
    const topic = this.#create(Buffer.from(bytes));
    this.#seen.set(key, topic);
    return topic;
  }

  #create(bytes: Buffer): Topic {
    const name = bytes.toString('utf8');
    const wanted = this.#filters.some((filter) => matches(filter, name));
    return { name, bytes, levels: name.split('/'), header: [topicHeader, bytes], wanted };
  }
}

/** Whether a topic filter matches a topic (MQTT 5, section 4.7), a shared subscription's filter by the part behind its group. */
export function matches(filter: string, topic: string): boolean {
  const wanted = withoutShare(filter).split('/');
  const levels = topic.split('/');
  if (topic.startsWith('$') && (wanted[0] === '+' || wanted[0] === '#')) return false;
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (index >= levels.length) return false;
    if (level !== '+' && level !== levels[index]) return false;
  }
  return wanted.length === levels.length;
}

export function isShared(filter: string): boolean {
  return filter.startsWith(sharePrefix);
}

export function isFilter(text: string): boolean {
  if (isShared(text) && !/^\$share\/[^/+#]+\/./.test(text)) return false;
  const levels = withoutShare(text).split('/');
  if (text === '' || text.includes('\0') || Buffer.byteLength(text) > 65_535) return false;
  return levels.every((level, index) => {
    if (level === '#') return index === levels.length - 1;
    return level === '+' || !/[+#]/.test(level);
  });
}

function withoutShare(filter: string): string {
  return isShared(filter) ? filter.slice(filter.indexOf('/', sharePrefix.length) + 1) : filter;
}
