import { describe, expect, test } from '@jest/globals';
import { type Finding, withoutWaived } from './finding.ts';
import { findUntidy, rootEntriesMax } from './rules.ts';
import type { Tree } from './tree.ts';

function treeOf(texts: Readonly<Record<string, string>>): Tree {
  return { files: Object.keys(texts), text: (file) => texts[file] ?? '' };
}

const rulesIn = (texts: Readonly<Record<string, string>>): string[] => findUntidy(treeOf(texts)).map(({ rule }) => rule);

describe('tidy', () => {
  test('a calm tree has nothing to complain about', () => {
    expect(rulesIn({ 'libs/kernel/src/dead-letter.property.test.ts': 'export const a = 1;\n', '.oxlintrc.json': '{}' })).toEqual(
      [],
    );
  });

  test.each([
    ['libs/a/src/deadLetter.ts', 'kebab-case'],
    ['libs/a/src/Pump.ts', 'kebab-case'],
    ['libs/a/src/utils.ts', 'meaningless-name'],
    ['libs/a/src/helpers.test.ts', 'meaningless-name'],
  ])('%s breaks %s', (file, rule) => {
    expect(rulesIn({ [file]: '' })).toEqual([rule]);
  });

  test.each([
    [['regis', 'try.np', 'mjs.org'].join(''), 'package-host'],
    [`see https://${['py', 'pi.org'].join('')}/project/x`, 'package-host'],
    [['/ho', 'me/anna/data'].join(''), 'home-path'],
    [`cat ${['/ro', 'ot/.cache'].join('')}`, 'home-path'],
    [['// TO', 'DO later'].join(''), 'unfinished'],
    [['/* FIX', 'ME */'].join(''), 'unfinished'],
  ])('the line %j breaks %s', (line, rule) => {
    expect(findUntidy(treeOf({ 'docs/a.md': `calm\n${line}\n` }))).toMatchObject([{ rule, file: 'docs/a.md', line: 2 }]);
  });

  test('a page that names what is not there is told so, decisions apart', () => {
    const page = 'see `libs/a/src/b.ts`, `libs/a`, [this](../libs/a/src/b.ts) and `libs/<name>`\n';
    const dead = 'see `libs/a/src/c.ts`\nand [that](other.md)\n';
    const found = findUntidy(
      treeOf({ 'libs/a/src/b.ts': '', 'docs/good.md': page, 'docs/dead.md': dead, 'docs/adr/0001-old.md': dead }),
    );
    expect(found).toMatchObject([
      { rule: 'dead-path', file: 'docs/dead.md', line: 1, message: 'there is no libs/a/src/c.ts' },
      { rule: 'dead-path', file: 'docs/dead.md', line: 2, message: 'there is no docs/other.md' },
    ]);
  });

  test('the root shows a limited number of entries, hidden ones apart', () => {
    const visible = Array.from({ length: rootEntriesMax }, (_, index) => [`entry-${index}/a.md`, '']);
    const hidden = ['.ci/run', ''];
    expect(rulesIn(Object.fromEntries([...visible, hidden]))).toEqual([]);
    expect(rulesIn(Object.fromEntries([...visible, ['one-more.md', '']]))).toEqual(['root-entries']);
  });
});

describe('waivers', () => {
  const finding: Finding = { rule: 'kebab-case', file: 'a/B.ts', line: 0, message: 'x' };
  const waiver = { rule: 'kebab-case', file: 'a/B.ts', reason: 'the name is a standard' };

  test('a waiver covers one rule in one file', () => {
    expect(withoutWaived([finding], [waiver])).toEqual([]);
    expect(withoutWaived([{ ...finding, file: 'a/C.ts' }, finding], [waiver])).toMatchObject([{ file: 'a/C.ts' }]);
  });

  test('a waiver without a reason covers nothing', () => {
    expect(withoutWaived([finding], [{ ...waiver, reason: '' }])).toEqual([finding]);
  });

  test('a waiver that nothing needs any more is a complaint', () => {
    expect(withoutWaived([], [waiver])).toMatchObject([{ rule: 'waiver' }]);
  });
});
