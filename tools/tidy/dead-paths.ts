import { posix } from 'node:path';
import type { Finding } from './finding.ts';
import type { Tree } from './tree.ts';

const inCode = /`((?:apps|libs|docs|tools|deploy|proto)\/[\w./-]*\w)`/g;
const inLink = /\]\(([\w./-]+)\)/g;

/** Pages that name a file or a folder which is not there. Decisions are not looked at: they are never edited. */
export function deadPaths({ files, text }: Tree): Finding[] {
  const places = new Set(files.flatMap(placesOf));
  const pages = files.filter((file) => file.endsWith('.md') && !file.startsWith('docs/adr/'));
  return pages.flatMap((page) =>
    text(page)
      .split('\n')
      .flatMap((line, index) => {
        const dead = namedIn(page, line).filter((path) => !places.has(path));
        return dead.map((path) => ({ rule: 'dead-path', file: page, line: index + 1, message: `there is no ${path}` }));
      }),
  );
}

function namedIn(page: string, line: string): string[] {
  const paths = [...line.matchAll(inCode)].map(([, path = '']) => path);
  const links = [...line.matchAll(inLink)].map(([, path = '']) => posix.normalize(posix.join(posix.dirname(page), path)));
  return [...paths, ...links];
}

/** A file, and the folders that it lies in. */
function placesOf(file: string): string[] {
  const parts = file.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
