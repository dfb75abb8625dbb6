import { expect, test } from '@jest/globals';
import { defineProblem } from '@penstock/kernel';
import { closestWord } from './closest-word.ts';
import { defineCommand, type ListedCommand } from './command.ts';
import { parseCount } from './parse-call.ts';
import { runCli, type World } from './run-cli.ts';

const unreachable = defineProblem({ code: 'kafka.unreachable', status: 'UNAVAILABLE', remedy: 'retry' });

const tail = defineCommand({
  operands: ['<topic>'],
  options: {
    from: { type: 'string', default: 'latest', value: 'place', says: 'where to begin' },
    count: { type: 'string', short: 'n', says: 'how many' },
    key: { type: 'string', multiple: true, says: 'which' },
    end: { type: 'boolean', says: 'where to end' },
  },
  async run({ values, operands, output, folder }) {
    if (values.count !== undefined) parseCount(values.count, '--count');
    if (operands[0] === 'gone') throw unreachable('kafka › fetch: connection refused', { facts: { kafkaCode: -2 } });
    output.print(JSON.stringify({ ...values, operands, json: output.json, folder }));
    return 0;
  },
});
const commands: readonly ListedCommand[] = [
  { name: 'tail', sentence: 'Shows records', load: async () => tail },
  { name: 'dlq ls', sentence: 'Lists dead letters', load: async () => tail },
  { name: 'dlq show', sentence: 'Shows a dead letter', load: async () => tail },
];

async function cli(...words: string[]): Promise<{ code: number; printed: string[]; told: string[] }> {
  const [printed, told]: [string[], string[]] = [[], []];
  const world: World = {
    env: {},
    signal: new AbortController().signal,
    interactive: false,
    columns: 80,
    defaultFolder: '/platform',
    print: (line) => void printed.push(line),
    tell: (line) => void told.push(line),
  };
  return { code: await runCli(words, commands, world), printed, told };
}

test('options, operands and defaults reach the command', async () => {
  const { code, printed } = await cli('tail', 'rooms.raw', '-n', '5', '--key', 'a', '--key', 'b', '-o', 'json', '--folder', '/x');
  expect(code).toBe(0);
  expect(JSON.parse(printed[0] as string)).toMatchObject({
    from: 'latest',
    count: '5',
    key: ['a', 'b'],
    end: false,
    operands: ['rooms.raw'],
    json: true,
    folder: '/x',
  });
});

test('a command of two words is found, its family is told', async () => {
  expect((await cli('dlq', 'ls', 'x')).code).toBe(0);
  expect(await cli('dlq')).toMatchObject({ code: 2, told: ['penstock: dlq: expected one of dlq ls, dlq show'] });
});

test.each([
  [['tial', 'x'], 'there is no command "tial"; did you mean tail?'],
  [['xyz'], 'there is no command "xyz"; `penstock --help` lists the commands'],
  [['tail'], '<topic> is missing: penstock tail <topic> [options]'],
  [['tail', 'a', 'b'], '"b" is too much: penstock tail <topic> [options]'],
  [['tail', 'a', '--form', 'x'], 'there is no option --form; did you mean --from?'],
  [['tail', 'a', '--from'], "Option '--from <value>' argument missing"],
  [['tail', 'a', '-o', 'yaml'], '--output: expected text or json, got "yaml"'],
  [['tail', 'a', '-n', '1.5'], '--count: expected a whole number, got "1.5"'],
])('wrong usage %j is code 2 and one line', async (words, line) => {
  expect(await cli(...words)).toEqual({ code: 2, printed: [], told: [`penstock: ${line}`] });
});

test('what does not answer is code 3, told as JSON where JSON was asked for', async () => {
  expect(await cli('tail', 'gone')).toMatchObject({ code: 3, told: ['penstock: kafka › fetch: connection refused'] });
  const { told } = await cli('tail', 'gone', '--output', 'json');
  expect(JSON.parse(told[0] as string).error).toMatchObject({ code: 'kafka.unreachable', facts: { kafkaCode: -2 } });
});

test('help names everything and needs no operands', async () => {
  const { code, printed } = await cli('tail', '--help');
  expect(code).toBe(0);
  expect(printed.join('\n')).toMatch(/tail <topic>[\s\S]*--from <place> {2,}where to begin \(latest\)[\s\S]*-o, --output/);
  expect((await cli('--help')).printed.join('\n')).toContain('dlq show  Shows a dead letter');
  expect((await cli()).code).toBe(2);
});

test('a word far from all others is not guessed', () => {
  expect(closestWord('stauts', ['status', 'start'])).toBe('status');
  expect(closestWord('apply', ['tail', 'trace'])).toBeNull();
});
