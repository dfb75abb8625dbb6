/** One publish that was received and is not settled yet. */
interface Held<Item> {
  readonly item: Item;
  readonly bytes: number;
  /** 0: QoS 0, nothing to acknowledge. */
  readonly packetId: number;
  /** The connection it came by: on any other its packet id means something else. */
  readonly connection: number;
}

export interface WindowLimits {
  readonly rows: number;
  readonly bytes: number;
}

/**
 * The unsettled publishes of one session, in the order of receipt, over all its connections. Pure bookkeeping: it says which
 * packet ids to acknowledge, in receive order, each once, and only on the connection by which it came. Positions are receive
 * sequence numbers without gaps.
 */
export class Window<Item> {
  readonly #limits: WindowLimits;
  #held: Held<Item>[] = [];
  #first: number;
  #bytes = 0;
  #connection = 0;
  readonly #unacknowledged = new Set<number>();

  constructor(limits: WindowLimits, first: number) {
    this.#limits = limits;
    this.#first = first;
  }

  /** The position of the oldest unsettled publish. */
  get first(): number {
    return this.#first;
  }

  /** The position that the next publish gets. */
  get next(): number {
    return this.#first + this.#held.length;
  }

  get rows(): number {
    return this.#held.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Publishes of the present connection that wait for their PUBACK. */
  get unacknowledged(): number {
    return this.#unacknowledged.size;
  }

  hasRoom(): boolean {
    return this.#held.length < this.#limits.rows && (this.#bytes < this.#limits.bytes || this.#held.length === 0);
  }

  /**
   * Takes one publish in. False: it is a retransmission on the same connection of one that is held, and is left out: answering
   * it a second time could acknowledge whatever the broker sends next under this packet id.
   */
  receive(item: Item, { packetId, bytes }: { packetId: number; bytes: number }): boolean {
    if (packetId !== 0) {
      if (this.#unacknowledged.has(packetId)) return false;
      this.#unacknowledged.add(packetId);
    }
    this.#held.push({ item, bytes, packetId, connection: this.#connection });
    this.#bytes += bytes;
    return true;
  }

  /** The publishes from a position on, at most `rows` of them. */
  read(from: number, rows: number): Item[] {
    const start = from - this.#first;
    return this.#held.slice(start, start + rows).map(({ item }) => item);
  }

  /** Forgets everything below `to` and returns the packet ids to acknowledge, in receive order. */
  settle(to: number): number[] {
    if (to > this.next) throw new RangeError(`settled to ${to}, received to ${this.next}`);
    if (to <= this.#first) return [];
    const settled = this.#held.splice(0, to - this.#first);
    this.#first = to;
    const acknowledged: number[] = [];
    for (const { packetId, connection, bytes } of settled) {
      this.#bytes -= bytes;
      if (packetId === 0 || connection !== this.#connection) continue;
      this.#unacknowledged.delete(packetId);
      acknowledged.push(packetId);
    }
    return acknowledged;
  }

  /** The connection is gone: what it brought stays, and is not acknowledged on any other. */
  disconnect(): void {
    this.#connection += 1;
    this.#unacknowledged.clear();
  }

  /** Gives the same publishes later positions, because a sink has seen these numbers in an earlier life. */
  rebase(first: number): void {
    if (first < this.#first) throw new RangeError(`positions only grow: ${first} after ${this.#first}`);
    this.#first = first;
  }
}
