import { describe, expect, test } from '@jest/globals';
import { type Names, parseNames } from './names.ts';
import { kinds, planFiles } from './plan.ts';

describe('names', () => {
  test('come in the spellings that files need', () => {
    expect(parseNames('stuck-sensor')).toEqual({ kebab: 'stuck-sensor', pascal: 'StuckSensor', camel: 'stuckSensor' });
  });

  test.each(['Stuck', 'stuck_sensor', '-x', 'x--y', '', '../up'])('%p is none', (text) => {
    expect(parseNames(text)).toBeNull();
  });
});

describe.each(kinds)('a new %s', (kind) => {
  const files = planFiles(kind, parseNames('stuck-sensor') as Names);

  test('stays in its folder and has a door, a README with the five headings and nothing left to fill in', () => {
    const folder = kind === 'service' ? 'apps/stuck-sensor/' : 'libs/components/stuck-sensor/';
    expect(files.every(({ path }) => path.startsWith(folder))).toBe(true);
    const readme = files.find(({ path }) => path.endsWith('README.md'))?.text ?? '';
    expect(readme.match(/^## .*$/gm)).toEqual([
      '## What it does',
      '## How it behaves',
      '## Settings',
      '## How to test',
      '## Decisions',
    ]);
    expect(files.map(({ path }) => path)).toContain(`${folder}src/index.ts`);
    expect(
      files.filter(({ text }) =>
        /\$\{|undefined/.test(
          text
            .replaceAll('\\${', '')
            .replace(/`[^`]*`/g, '')
            .replaceAll('=> undefined', ''),
        ),
      ),
    ).toEqual([]);
  });
});
