import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files that are made from something else: one file, or all of a folder. */
export interface Generated {
  /** A file or a folder, from the root of the repository. */
  readonly place: string;
  /** The text or bytes of the file; or of each file of the folder, by its path in it. */
  readonly content: Uint8Array | ReadonlyMap<string, Uint8Array>;
}

export interface GenerateOptions {
  /** Contracts may change in ways that break their users. */
  readonly mayBreak: boolean;
}

export type Generate = (options: GenerateOptions) => Promise<readonly Generated[]>;

/** True when exactly this is what the place holds. */
export function isUpToDate({ place, content }: Generated): boolean {
  if (!existsSync(place)) return false;
  if (content instanceof Uint8Array) return statSync(place).isFile() && readFileSync(place).equals(content);
  const held = readFolder(place);
  return held.size === content.size && [...content].every(([path, bytes]) => held.get(path)?.equals(bytes) === true);
}

/** Makes the place hold exactly this; false when it did already. */
export function write(generated: Generated): boolean {
  if (isUpToDate(generated)) return false;
  const { place, content } = generated;
  rmSync(place, { recursive: true, force: true });
  const files = content instanceof Uint8Array ? [[place, content] as const] : [...content].map(under(place));
  for (const [path, bytes] of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  return true;
}

/** All files below a folder, by their paths in it. */
export function readFolder(folder: string): Map<string, Buffer> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = paths.filter((path) => statSync(join(folder, path)).isFile());
  return new Map(files.map((path) => [path, readFileSync(join(folder, path))]));
}

function under(folder: string): (file: readonly [string, Uint8Array]) => readonly [string, Uint8Array] {
  return ([path, bytes]) => [join(folder, path), bytes];
}
