import { Bell } from '@penstock/kernel';

/**
 * The items of several streams as they come, each stream in its own order. Asks a stream for its next item only after the last one
 * was taken, so that whoever reads slowly slows all of them down. Ends with the last stream, or with the first that throws.
 */
export async function* merge<Item>(streams: readonly AsyncIterable<Item>[]): AsyncGenerator<Item> {
  const bell = new Bell();
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
  const arrived: { readonly item: Item; readonly from: AsyncIterator<Item> }[] = [];
  let open = iterators.length;
  let failure: { readonly thrown: unknown } | null = null;
  const pull = (from: AsyncIterator<Item>): void => {
    from
      .next()
      .then(
        ({ done, value }) => void (done ? (open -= 1) : arrived.push({ item: value as Item, from })),
        (thrown: unknown) => void (failure ??= { thrown }),
      )
      .finally(() => bell.ring());
  };
  iterators.forEach(pull);
  try {
    while (open > 0) {
      if (failure !== null) throw (failure as { readonly thrown: unknown }).thrown;
      const next = arrived.shift();
      if (next === undefined) {
        await bell.wait();
        continue;
      }
      yield next.item;
      pull(next.from);
    }
  } finally {
    for (const iterator of iterators) void iterator.return?.().catch(() => undefined); // the reading is over whatever they say
  }
}
