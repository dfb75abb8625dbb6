import { Catalogue, type CatalogueRecord, type OpenCatalogue } from '@penstock/catalogue';
import { entryFor } from './sample-models.ts';

export interface MemoryCatalogue extends OpenCatalogue {
  /** Takes records in as if another process had stored them. */
  take(records: readonly CatalogueRecord[]): void;
  register(model: string, bytes: Uint8Array, more?: Partial<ReturnType<typeof entryFor>>): number;
  move(model: string, alias: string, version: number): void;
}

/** A catalogue without a topic: what is written is read back at once. */
export function createMemoryCatalogue(): MemoryCatalogue {
  const catalogue = new Catalogue();
  const listeners = new Set<(key: string) => void>();
  let moves = 0;
  const take = (records: readonly CatalogueRecord[]): void => {
    for (const record of records) {
      catalogue.apply(record);
      for (const listener of listeners) listener(record.key);
    }
  };
  return {
    catalogue,
    take,
    sync: async () => undefined,
    write: async (prepare) => take(prepare(catalogue)),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    ended: new Promise(() => undefined),
    [Symbol.asyncDispose]: async () => undefined,
    register(model, bytes, more = {}) {
      const { version, records } = catalogue.register({ ...entryFor(model), ...more }, bytes);
      take(records);
      return version.version;
    },
    move(model, alias, version) {
      moves += 1;
      take(
        catalogue.move(catalogue.version(model, version), alias, { id: `m${moves}`, reason: 'test', by: 'test', atMs: moves }),
      );
    },
  };
}
