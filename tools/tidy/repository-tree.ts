import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import type { Tree } from './tree.ts';

/** Larger files are data, and data is nobody's prose. */
const textBytesMax = 1_000_000;
const generated = /(^|\/)generated\//;

/** All files that are tracked or will be: what .gitignore names is not ours, generated code is not our style. */
export function readTree(): Tree {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { encoding: 'utf8' });
  const files = [...new Set(listed.split('\0'))]
    .filter((file) => file !== '' && !generated.test(file) && existsSync(file))
    .sort();
  return { files, text: readText };
}

function readText(file: string): string {
  if (!statSync(file).isFile() || statSync(file).size > textBytesMax) return '';
  const text = readFileSync(file, 'utf8');
  return text.includes('\0') ? '' : text;
}
