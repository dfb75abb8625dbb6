import { describe, expect, test } from '@jest/globals';
import { columnNameOf, columnsOf } from './columns.ts';
import { postgresConfig } from './config.ts';
import { bindings, encode, eventTimeMs } from './testing/rooms-table.ts';

const json = (row: Readonly<Record<string, unknown>>): unknown => JSON.parse(Buffer.from(encode('a/1', row)).toString());
const config = postgresConfig.parse({ url: 'postgres://me:secret@db:5433/rooms', table: 'readings', mode: 'append' });

describe('encoder', () => {
  test('writes fields under their own names, beside the facts', () => {
    const row = { co2Ppm: 417.25, sequence: 2 ** 53 - 1, windowStartMs: eventTimeMs, occupied: false, room: 'A "1"\u0007' };
    expect(json(row)).toEqual({ $id: 'a/1', $timeMs: eventTimeMs, ...row, raw: null });
  });

  test('null is null, bytes are hexadecimal, and infinity is a word', () => {
    expect(json({ co2Ppm: Number.NEGATIVE_INFINITY, raw: new Uint8Array([0, 255]) })).toMatchObject({
      co2Ppm: '-Infinity',
      sequence: null,
      room: null,
      raw: '\\x00ff',
    });
  });
});

describe('columns', () => {
  test.each([
    ['co2Ppm', 'co2_ppm'],
    ['temperatureC', 'temperature_c'],
    ['observedAtMs', 'observed_at_ms'],
    ['HTTPCode', 'http_code'],
    ['room', 'room'],
  ])('%s is %s in SQL', (field, column) => expect(columnNameOf(field)).toBe(column));

  test('two fields of one name are refused, and so is the name of a fact', () => {
    const field = (name: string): (typeof bindings)[number] => ({ slot: 3, field: { name, type: 'string', nullable: true } });
    expect(() => columnsOf(config, [field('deviceId'), field('device_id')])).toThrow(
      'table readings: the field device_id would be the column device_id, which is the field deviceId; rename one of them',
    );
    expect(() => columnsOf(config, [field('id')])).toThrow('which is the fact $id');
    expect(columnsOf({ ...config, idColumn: 'record_id' }, [field('id')]).map(({ name }) => name)).toContain('id');
  });
});
