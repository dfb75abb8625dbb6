import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commands, runCli } from '@penstock/cli';
import { randomName } from '@penstock/testing';
import { openGateway, type TestedGateway } from '../testing/open-gateway.ts';

const folder = mkdtempSync(join(tmpdir(), 'penstock-schema-'));
let gateway: TestedGateway;
let url = '';

beforeAll(async () => {
  gateway = await openGateway();
  url = gateway.url;
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

interface Ran {
  readonly code: number;
  readonly printed: string;
  readonly told: string;
}

/** `penstock <words>` in this process, against the gateway. */
async function penstock(words: readonly string[], env: NodeJS.ProcessEnv = { PENSTOCK_GATEWAY: gateway.address }): Promise<Ran> {
  const [printed, told]: [string[], string[]] = [[], []];
  const code = await runCli(words, commands, {
    env,
    signal: new AbortController().signal,
    interactive: false,
    columns: 100,
    defaultFolder: folder,
    print: (line) => void printed.push(stripVTControlCharacters(line)),
    tell: (line) => void told.push(stripVTControlCharacters(line)),
  });
  return { code, printed: printed.join('\n'), told: told.join('\n') };
}

const file = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const record = (...fields: readonly object[]): object => ({ type: 'record', name: 'Reading', fields });
const [device, co2, lux] = [
  { name: 'deviceId', type: 'string' },
  { name: 'co2Ppm', type: ['null', 'double'], default: null },
  { name: 'lux', type: 'int' },
];

/** The options that make the same commands go over REST. */
const doors = [
  { door: 'gRPC', by: () => [] },
  { door: 'REST', by: () => ['--registry', url] },
];

describe.each(doors)('over $door', ({ by }) => {
  const subject = `${randomName('commands')}-value`;

  test('a schema is registered, read, checked and compared', async () => {
    const [first, second, third] = [
      file('first.avsc', record(device)),
      file('second.avsc', record(device, co2)),
      file('third.avsc', record(device, co2, lux)),
    ];
    const dry = await penstock(['schema', 'register', first, '-s', subject, '--dry-run', ...by()]);
    expect(dry).toMatchObject({ code: 0, printed: expect.stringContaining('nothing was changed') });
    expect((await penstock(['schema', 'get', subject, ...by()])).code).toBe(1);
    expect(await penstock(['schema', 'register', first, '-s', subject, ...by()])).toMatchObject({ code: 0 });
    expect(await penstock(['schema', 'register', second, '-s', subject, '-o', 'json', ...by()])).toMatchObject({ code: 0 });

    const got = await penstock(['schema', 'get', subject, '1', '--raw', ...by()]);
    expect(JSON.parse(got.printed)).toEqual(record(device));
    expect(got.told).toMatch(new RegExp(`^${subject} version 1 · id \\d+ · AVRO$`));

    const checked = await penstock(['schema', 'check', third, '-s', subject, ...by()]);
    expect(checked.code).toBe(1);
    expect(checked.printed).toContain(`${subject} does not take it under BACKWARD: 1 reason`);
    expect(checked.printed).toContain('READER_FIELD_MISSING_DEFAULT_VALUE');
    expect(await penstock(['schema', 'check', second, '-s', subject, ...by()])).toMatchObject({ code: 0 });
    expect(await penstock(['schema', 'check', file('bad.avsc', '{'), '-s', subject, ...by()])).toMatchObject({ code: 5 });
    const refused = await penstock(['schema', 'register', third, '-s', subject, ...by()]);
    expect(refused).toMatchObject({ code: 1, printed: '', told: expect.stringContaining('the field lux has no default') });

    expect((await penstock(['schema', 'diff', subject, '1', '2', ...by()])).printed).toBe(
      [
        `${subject}  version 1 → version 2  AVRO`,
        '',
        '  + co2Ppm    null | double, default null',
        '',
        '✓ backward  version 2 reads what version 1 wrote',
        '✓ forward   version 1 reads what version 2 writes',
        '  level     BACKWARD: version 2 may follow',
      ].join('\n'),
    );
    const withFile = await penstock(['schema', 'diff', subject, 'latest', third, '-o', 'json', ...by()]);
    expect(JSON.parse(withFile.printed)).toMatchObject({
      differences: [{ kind: 'added', path: 'lux' }],
      backward: [{ type: 'READER_FIELD_MISSING_DEFAULT_VALUE' }],
      forward: [],
      allowed: false,
    });
  });

  test('a schema that refers to another one is compared with it, and the other one knows', async () => {
    const place = file('place.avsc', { type: 'record', name: 'lab.Place', fields: [{ name: 'room', type: 'string' }] });
    const outer = (type: unknown): object => ({ type: 'record', name: 'lab.Outer', fields: [{ name: 'place', type }] });
    const [inner, own] = [randomName('place'), randomName('outer')];
    const reference = ['-r', `lab.Place=${inner}:1`];
    await penstock(['schema', 'register', place, '-s', inner, ...by()]);
    const plain = file('outer.avsc', outer('lab.Place'));
    expect(await penstock(['schema', 'register', plain, '-s', own, ...reference, ...by()])).toMatchObject({ code: 0 });
    const nullable = file('nullable.avsc', outer(['null', 'lab.Place']));
    const compared = await penstock(['schema', 'diff', own, '1', nullable, ...reference, ...by()]);
    expect(compared.printed).toContain('  ~ place  type  lab.Place → null | lab.Place');
    expect((await penstock(['schema', 'uses', inner, ...by()])).printed).toContain(`${own} version 1 refers to it`);
    for (const name of [own, inner]) expect(await penstock(['schema', 'delete', name, ...by()])).toMatchObject({ code: 0 });
    const text = await penstock(['schema', 'diff', subject, '1', '2', '--text', ...by()]);
    expect(text.printed).toContain('+       "name": "co2Ppm",');
  });

  test('settings are shown with where they come from, set, and taken away', async () => {
    const shown = async (...words: string[]): Promise<unknown> => {
      const { code, printed } = await penstock(['schema', ...words, '-o', 'json', ...by()]);
      return { code, ...JSON.parse(printed) };
    };
    expect(await shown('config', subject)).toMatchObject({ compatibility: 'BACKWARD', own: false });
    expect(await shown('config', subject, '-c', 'full', '--dry-run')).toMatchObject({ compatibility: 'FULL', own: true });
    expect(await shown('config', subject)).toMatchObject({ compatibility: 'BACKWARD', own: false });
    expect(await shown('config', subject, '-c', 'full', '--normalize', 'on')).toMatchObject({ compatibility: 'FULL', own: true });
    expect((await penstock(['schema', 'config', subject, ...by()])).printed).toMatch(/compatibility +FULL +BACKWARD/);
    expect(await shown('config', subject, '--unset')).toMatchObject({ compatibility: 'BACKWARD', own: false });
    expect(await shown('mode', subject, '--set', 'readonly')).toMatchObject({ mode: 'READONLY', own: true, all: 'READWRITE' });
    const readonly = await penstock(['schema', 'register', file('string.avsc', '"string"'), '-s', subject, ...by()]);
    expect(readonly.code).toBe(1);
    expect(await shown('mode', subject, '--unset')).toMatchObject({ mode: 'READWRITE', own: false });
  });

  test('every setting that a registry has can be set, and an empty text takes it away', async () => {
    const name = randomName('settings');
    const config = async (...words: string[]): Promise<unknown> =>
      JSON.parse((await penstock(['schema', 'config', name, ...words, '-o', 'json', ...by()])).printed);
    const metadata = { properties: { owner: 'lab' } };
    const words = [
      '--policy',
      'lenient',
      '--group',
      'major',
      '--alias',
      subject,
      '--default-metadata',
      file('meta.json', metadata),
    ];
    const set = { compatibilityPolicy: 'LENIENT', compatibilityGroup: 'major', alias: subject, own: true };
    expect(await config(...words)).toMatchObject({ ...set, defaultMetadata: metadata, overrideRuleSet: null });
    expect(await config('--group', '', '--alias', '', '--default-metadata', '')).toMatchObject({
      ...{ compatibilityPolicy: 'LENIENT', compatibilityGroup: null, alias: null, defaultMetadata: null },
    });
    const shown = (await penstock(['schema', 'config', name, ...by()])).printed;
    expect(shown).toMatch(/compatibilityPolicy +LENIENT +–/);
    expect(shown).not.toContain('alias');
    expect(await penstock(['schema', 'config', name, '--policy', 'lax', ...by()])).toMatchObject({ code: 2 });
    expect(await penstock(['schema', 'config', name, '--override-rules', file('list.json', []), ...by()])).toMatchObject({
      code: 1,
    });
  });

  test('versions are listed and deleted, softly and then for good', async () => {
    const listed = await penstock(['schema', 'list', subject, ...by()]);
    expect(listed.printed).toMatch(new RegExp(`${subject} +1–2 +\\d+ +AVRO +BACKWARD`));
    const dry = await penstock(['schema', 'delete', subject, '1', '--dry-run', ...by()]);
    expect(dry.printed).toContain(`${subject} version 1: would be deleted softly`);
    expect((await penstock(['schema', 'delete', subject, '1', ...by()])).code).toBe(0);
    expect((await penstock(['schema', 'list', subject, '--deleted', '--all', ...by()])).printed).toMatch(/1 deleted/);
    expect((await penstock(['schema', 'delete', subject, ...by()])).code).toBe(0);
    expect((await penstock(['schema', 'delete', subject, '--permanent', '--yes', ...by()])).printed).toContain(
      '1, 2: deleted for good',
    );
    expect((await penstock(['schema', 'list', subject, '--deleted', ...by()])).printed).toBe(`no subject begins with ${subject}`);
  });
});

test.each([
  ['gRPC', [], { PENSTOCK_GATEWAY: '127.0.0.1:1' }],
  ['REST', ['--registry', 'http://127.0.0.1:1'], {}],
])('what does not answer over %s is code 3', async (_door, words, env) => {
  expect(await penstock(['schema', 'list', ...words], env)).toMatchObject({ code: 3 });
});

test('a change that a deployed pipeline would feel is told with stage and field, and who uses a schema can be asked', async () => {
  const pipeline = randomName('commands').replace('_', '-');
  const schema = (properties: object): object => ({ type: 'object', properties, required: ['deviceId'] });
  const properties = { deviceId: { type: 'string' }, co2Ppm: { type: 'number' } };
  file('reading.json', schema(properties));
  const narrower = file('narrower.json', schema({ deviceId: properties.deviceId }));
  const document = file(
    'pipeline.yaml',
    `
pipeline: ${pipeline}
document: 1
topics:
  ${pipeline}.readings: { external: true, partitions: 1, schema: reading.json }
  ${pipeline}.predictions: { partitions: 1 }
stages:
  archive:
    from: { kafka: { topic: ${pipeline}.readings } }
    to:   { postgres: { url: "postgres://localhost/x", table: readings, mode: append } }
  serve:
    from: { kafka: { topic: ${pipeline}.readings } }
    via:  [{ predict: { model: occupancy, alias: production, input: [co2Ppm] } }]
    to:   { kafka: { topic: ${pipeline}.predictions, key: deviceId } }
`,
  );
  expect(await penstock(['apply', document, '--yes'])).toMatchObject({
    code: 0,
    told: '',
    printed: expect.stringContaining('is applied'),
  });
  const subject = `${pipeline}.readings-value`;
  const uses = await penstock(['schema', 'uses', subject]);
  expect(uses.printed).toMatch(/archive +reads +– +postgres public\.readings/);
  expect(uses.printed).toMatch(/serve +reads +occupancy@production +–/);
  expect((await penstock(['schema', 'list', subject])).printed).toMatch(new RegExp(`JSON +BACKWARD +${pipeline}`));
  const checked = await penstock(['schema', 'check', narrower, '-s', subject]);
  expect(checked.code).toBe(1);
  expect(checked.printed).toContain('✗ a deployed pipeline would break');
  expect(checked.printed).toContain(`${pipeline} › serve › co2Ppm`);
  const refused = await penstock(['schema', 'register', narrower, '-s', subject]);
  expect(refused).toMatchObject({ code: 1, told: expect.stringContaining('--override-reason takes it all the same') });
  expect(await penstock(['schema', 'register', narrower, '-s', subject, '--override-reason', 'agreed'])).toMatchObject({
    code: 0,
  });
});
