import { expect, test } from '@jest/globals';
import { withSettings } from './reference.ts';

test('settings are made anew between their heading and the next', () => {
  const readme = '# x\n\n## Settings\n\nold\n\n## How to test\n\nrest\n';
  const made = withSettings(readme, '| new |');
  expect(made).toBe('# x\n\n## Settings\n\n| new |\n\n## How to test\n\nrest\n');
  expect(withSettings(made, '| new |')).toBe(made);
  expect(() => withSettings('# x\n', '| new |')).toThrow('expected a README');
});
