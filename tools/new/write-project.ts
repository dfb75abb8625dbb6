import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Names } from './names.ts';
import { type Kind, type PlannedFile, planFiles } from './plan.ts';

/** The path of a planned file that stands already; null when there is room for all of them. */
export function findTaken(root: string, files: readonly PlannedFile[]): string | null {
  return files.find(({ path }) => existsSync(join(root, path)))?.path ?? null;
}

/** Writes a new project below the root and answers the paths of its files. */
export function writeProject(root: string, kind: Kind, names: Names): string[] {
  const files = planFiles(kind, names);
  for (const { path, text } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return files.map(({ path }) => path);
}
