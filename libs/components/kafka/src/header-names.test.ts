import { expect, test } from '@jest/globals';
import { headerNameBytes, headerNameOf } from './header-names.ts';

test.each(['ce_id', 'Größe', '', '計測'])('%p goes over the wire and comes back', (name) => {
  const bytes = headerNameBytes(name);
  expect([...bytes]).toEqual([...new TextEncoder().encode(name)]);
  for (const view of [bytes, Uint8Array.from([9, ...bytes, 9]).subarray(1, 1 + bytes.length)]) {
    expect(headerNameOf(view)).toBe(name);
    expect(headerNameOf(view)).toBe(name);
  }
});

test('what is no UTF-8 comes as TextDecoder replaces it, and spellings are not mixed up', () => {
  const broken = Uint8Array.of(0xff, 0x41);
  expect(headerNameOf(broken)).toBe(new TextDecoder().decode(broken));
  expect(headerNameOf(Uint8Array.of(0xc3, 0xbf, 0x41))).toBe('ÿA');
});

test('more names than are kept are still right', () => {
  for (let index = 0; index < 2_500; index += 1) expect(headerNameOf(headerNameBytes(`name-${index}`))).toBe(`name-${index}`);
});
