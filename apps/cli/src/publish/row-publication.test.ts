import { expect, test } from '@jest/globals';
import { type RowPlan, RowPublisher } from './row-publication.ts';

const bare: RowPlan = { topic: 'r/{room}', fields: null, set: new Map(), sequence: null, time: null };
const row = (cells: Record<string, string>) => ({ line: 2, cells: new Map(Object.entries(cells)) });
const payloadOf = (plan: Partial<RowPlan>, cells: Record<string, string>): unknown =>
  JSON.parse(new RowPublisher({ ...bare, ...plan }).publicationOf(row(cells)).payload);

test('every column is a field, by what it reads as; empty cells say nothing', () => {
  expect(payloadOf({}, { room: '7a', n: '-1.5e2', yes: 'true', no: '', na: 'NA', zip: '007' })).toEqual({
    room: '7a',
    n: -150,
    yes: true,
    zip: '007',
  });
});

test('fields are chosen, set and counted by topic', () => {
  const plan = {
    ...bare,
    fields: new Map([['co2Ppm', 'CO2']]),
    set: new Map([['deviceId', '{room}-co2']]),
    sequence: 'sequence',
  };
  const publisher = new RowPublisher(plan);
  const publications = ['1', '2', '1'].map((room) => publisher.publicationOf(row({ room, CO2: '500' })));
  expect(publications.map(({ topic, payload }) => [topic, JSON.parse(payload).sequence])).toEqual([
    ['r/1', 1],
    ['r/2', 1],
    ['r/1', 2],
  ]);
  expect(JSON.parse(publications[0]?.payload ?? '')).toEqual({ co2Ppm: 500, deviceId: '1-co2', sequence: 1 });
});

test.each(['2015-02-02 14:19:00', '2015-02-02T15:19:00+01:00', '1422886740', '1422886740000'])('the time %s', (at) => {
  const publication = new RowPublisher({ ...bare, time: 'at' }).publicationOf(row({ room: '1', at }));
  expect(publication.atMs).toBe(Date.UTC(2015, 1, 2, 14, 19));
  expect(JSON.parse(publication.payload)).toMatchObject({ at: publication.atMs });
});

test('a column that is not there is named with those that are', () => {
  expect(() => payloadOf({ topic: '{floor}' }, { room: '1' })).toThrow(
    'line 2: there is no column "floor"; expected one of room',
  );
  expect(() => payloadOf({ time: 'room' }, { room: 'x' })).toThrow('line 2: room: expected a time, got "x"');
});
