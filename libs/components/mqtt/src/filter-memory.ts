import { readFile, rename, writeFile } from 'node:fs/promises';

/**
 * What a session at the broker is subscribed to. MQTT has no question for it, and a persistent session keeps filters that its
 * configuration has long forgotten.
 */
export interface FilterMemory {
  load(clientId: string): Promise<readonly string[]>;
  save(clientId: string, filters: readonly string[]): Promise<void>;
}

/** Remembers as long as the process lives. */
export function createFilterMemory(): FilterMemory {
  const remembered = new Map<string, readonly string[]>();
  return {
    load: async (clientId) => remembered.get(clientId) ?? [],
    save: async (clientId, filters) => void remembered.set(clientId, filters),
  };
}

/** Remembers in a JSON file, by client id. One memory of one process writes it, one change after the other. */
export function createFilterFile(file: string): FilterMemory {
  let earlier: Promise<void> = Promise.resolve();
  const read = async (): Promise<Record<string, readonly string[]>> => {
    try {
      return JSON.parse(await readFile(file, 'utf8')) as Record<string, readonly string[]>;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw thrown;
    }
  };
  const write = async (clientId: string, filters: readonly string[]): Promise<void> => {
    const next = { ...(await read()), [clientId]: filters };
    await writeFile(`${file}.next`, JSON.stringify(next));
    await rename(`${file}.next`, file);
  };
  return {
    load: async (clientId) => (await read())[clientId] ?? [],
    save(clientId, filters) {
      const saved = earlier.then(() => write(clientId, filters));
      earlier = saved.catch(() => undefined); // told to whoever saved it
      return saved;
    },
  };
}
