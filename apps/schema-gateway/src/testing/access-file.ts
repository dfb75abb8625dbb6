import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own with an access file in it. */
export interface AccessFolder extends Disposable {
  readonly file: string;
  write(content: unknown): void;
  /** Answers the path. */
  add(name: string, text: string): string;
}

export function createAccessFolder(): AccessFolder {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-access-'));
  const add = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  return {
    file: join(folder, 'access.yaml'),
    // JSON is YAML.
    write: (content) => void add('access.yaml', typeof content === 'string' ? content : JSON.stringify(content)),
    add,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
