import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { z } from 'zod';
import { documentJsonSchema } from '../language/json-schema.ts';
import { transforms } from '../language/steps.ts';
import { roomsText, roomsWith } from '../testing/rooms.ts';
import { referencePage } from './reference-page.ts';
import { settingsTable } from './settings-table.ts';

describe('the schema for editors', () => {
  const validate = new Ajv2020({ strict: false }).compile(documentJsonSchema());

  test('takes the sample', () => {
    validate(parse(roomsText));
    expect(validate.errors).toBeNull();
  });

  test.each([
    ['qos: 1', 'qos: 3'],
    ['payload: json', 'paylod: json'],
    ['pipeline: rooms', 'pipeline: 7'],
    ['mode: upsert', 'mode: replace'],
    ['windowMs: 600000 } }]', 'windowMs: 600000 }, validate: { ranges: {} } }]'],
  ])('marks %s → %s', (from, to) => {
    expect(validate(parse(roomsWith([from, to])))).toBe(false);
  });
});

describe('the reference', () => {
  test('has a section for every transform, and says nothing that it does not know', () => {
    const page = referencePage();
    for (const { name, sentence } of transforms) expect(page).toContain(`### \`via: [{ ${name}: … }]\`\n\n${sentence}`);
    expect(page).not.toMatch(/undefined|\[object|\| anything/);
  });

  test('says what a setting takes, whether it must be there, and what it means', () => {
    const schema = z.strictObject({
      rows: z.int().positive().describe('Rows | all'),
      mode: z.enum(['a', 'b']).default('a'),
      tls: z.strictObject({ ca: z.string().optional() }).nullable().default(null),
    });
    expect(settingsTable(schema).split('\n').slice(2)).toEqual([
      '| `rows` | a whole number, above 0 | required | Rows \\| all |',
      '| `mode` | `a` or `b` | `a` |  |',
      '| `tls` | a mapping |  |  |',
    ]);
  });
});
