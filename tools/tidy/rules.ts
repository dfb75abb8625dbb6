import { deadPaths } from './dead-paths.ts';
import type { Finding } from './finding.ts';
import type { Tree } from './tree.ts';

/** Limits of the house style that no linter knows. Lengths of functions and files, nesting and parameters are oxlint's. */
export const rootEntriesMax = 14;

const forbiddenNames = ['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'types', 'constants', 'shared'];
const sourceFile = /\.(ts|js|mjs|cjs)$/;
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;

interface LineRule {
  readonly name: string;
  readonly pattern: RegExp;
  readonly message: string;
}

/** The patterns are written so that they do not match themselves. */
const lineRules: readonly LineRule[] = [
  {
    name: 'package-host',
    pattern:
      /\b(?:npmjs|yarnpkg|pypi|pythonhosted|crates|rubygems)\.(?:org|com|io)\b|\brepo1?\.maven|\bproxy\.golang|\bdeb\.debian/,
    message: 'names a package registry: package clients know their own, and users have mirrors',
  },
  {
    name: 'home-path',
    pattern: /(?:^|[\s"'`=(:])(?:\/home\/[a-z]|\/Users\/[a-zA-Z]|\/root\/|[A-Z]:\\Users\\)/,
    message: "names a folder of one person's machine",
  },
  {
    name: 'unfinished',
    pattern: /\b(?:TO[D]O|FIX[M]E|X[X]X)\b/,
    message: 'marks unfinished work: finish it, or open an issue',
  },
];

/** All rules over a tree. */
export function findUntidy(tree: Tree): Finding[] {
  return [
    ...rootEntries(tree),
    ...tree.files.flatMap(fileName),
    ...tree.files.flatMap((file) => lines(file, tree.text(file))),
    ...deadPaths(tree),
  ];
}

/** The names of the rules that waivers may name. */
export const ruleNames: readonly string[] = [
  'root-entries',
  'kebab-case',
  'meaningless-name',
  'dead-path',
  ...lineRules.map(({ name }) => name),
];

function rootEntries({ files }: Tree): Finding[] {
  const entries = new Set(files.map((file) => file.split('/')[0] ?? '').filter((entry) => !entry.startsWith('.')));
  if (entries.size <= rootEntriesMax) return [];
  const message = `the root shows ${entries.size} entries, at most ${rootEntriesMax} are meant: ${[...entries].sort().join(' ')}`;
  return [{ rule: 'root-entries', file: '.', line: 0, message }];
}

function fileName(file: string): Finding[] {
  if (!sourceFile.test(file)) return [];
  const findings: Finding[] = [];
  const name = file.split('/').at(-1)?.replace(sourceFile, '') ?? '';
  if (!kebabCase.test(name.replace(/^\./, ''))) {
    findings.push({ rule: 'kebab-case', file, line: 0, message: `expected a name in kebab-case, got ${name}` });
  }
  const stem = name.split('.')[0] ?? '';
  if (forbiddenNames.includes(stem)) {
    findings.push({
      rule: 'meaningless-name',
      file,
      line: 0,
      message: `${stem} says nothing: name the file after what it holds`,
    });
  }
  return findings;
}

function lines(file: string, text: string): Finding[] {
  return text.split('\n').flatMap((line, index) => {
    const broken = lineRules.filter(({ pattern }) => pattern.test(line));
    return broken.map(({ name, message }) => ({ rule: name, file, line: index + 1, message }));
  });
}
