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

/** Remembers in a JSON file, by client id. One process writes it. */
export function createFilterFile(file: string): FilterMemory {
  const read = async (): Promise<Record<string, readonly string[]>> => {
    try {
      return JSON.parse(await readFile(file, 'utf8')) as Record<string, readonly string[]>;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw thrown;
    }
  };
  return {
    load: async (clientId) => (await read())[clientId] ?? [],
    async save(clientId, filters) {
      const next = { ...(await read()), [clientId]: filters };
      await writeFile(`${file}.next`, JSON.stringify(next));
      await rename(`${file}.next`, file);
    },
  };
}
