import { parseArgs } from 'node:util';
import { closestWord } from './closest-word.ts';
import { type Command, type ListedCommand, type Options, sharedOptions } from './command.ts';
import { usageOf } from './help.ts';
import { wrongUsage } from './problems.ts';

export interface ParsedCall {
  readonly values: Readonly<Record<string, unknown>>;
  readonly operands: readonly string[];
}

/** The command that the first words name, and the rest of the words. Throws `cli.wrong-usage`. */
export function findCommand(
  words: readonly string[],
  commands: readonly ListedCommand[],
): { readonly listed: ListedCommand; readonly rest: readonly string[] } {
  const [first = '', second = ''] = words;
  for (const name of [`${first} ${second}`, first]) {
    const listed = commands.find((command) => command.name === name);
    if (listed !== undefined) return { listed, rest: words.slice(name.split(' ').length) };
  }
  const family = commands.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name);
  const near = family.find(
    (name) =>
      name ===
      `${first} ${closestWord(
        second,
        family.map((each) => each.slice(first.length + 1)),
      )}`,
  );
  if (near !== undefined) throw wrongUsage(`there is no command ${JSON.stringify(`${first} ${second}`)}; did you mean ${near}?`);
  if (family.length > 0) throw wrongUsage(`${first}: expected one of ${family.join(', ')}`);
  const meant = closestWord(first, [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? name))]);
  const hint = meant === null ? '`penstock --help` lists the commands' : `did you mean ${meant}?`;
  throw wrongUsage(`there is no command ${JSON.stringify(first)}; ${hint}`);
}

/** The options and operands of a command. Throws `cli.wrong-usage`. */
export function parseCall(name: string, command: Command, words: readonly string[]): ParsedCall {
  const options: Options = { ...command.options, ...sharedOptions };
  const { values, positionals } = parse(words, options);
  if (!('help' in values)) checkOperands(name, command, positionals);
  const unset = Object.entries(options).map(([option, { type, multiple }]) => [option, absent(type, multiple)]);
  return { values: { ...Object.fromEntries(unset), ...values }, operands: positionals };
}

function absent(type: 'string' | 'boolean', multiple = false): unknown {
  if (type === 'boolean') return false;
  return multiple ? [] : undefined;
}

function parse(words: readonly string[], options: Options): { values: Record<string, unknown>; positionals: string[] } {
  const config = Object.entries(options).map(([name, { type, short, multiple, default: fallback }]) => [
    name,
    { type, ...(short && { short }), ...(multiple && { multiple }), ...(fallback !== undefined && { default: fallback }) },
  ]);
  try {
    return parseArgs({ args: [...words], options: Object.fromEntries(config), allowPositionals: true }) as {
      values: Record<string, unknown>;
      positionals: string[];
    };
  } catch (thrown) {
    throw wrongUsage(explain(thrown, options), { cause: thrown });
  }
}

function explain(thrown: unknown, options: Options): string {
  const { code, message } = thrown as Error & { code?: string };
  const unknown = /'(--?[^' ]+)'/.exec(message)?.[1];
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION' || unknown === undefined) return message.split('. ')[0] as string;
  const meant = closestWord(unknown.replace(/^-+/, ''), Object.keys(options));
  return `there is no option ${unknown}${meant === null ? '' : `; did you mean --${meant}?`}`;
}

function checkOperands(name: string, command: Command, operands: readonly string[]): void {
  const needed = command.operands.filter((each) => each.startsWith('<'));
  const any = command.operands.some((each) => each.includes('…'));
  const missing = needed[operands.length];
  if (missing !== undefined) throw wrongUsage(`${missing} is missing: ${usageOf(name, command)}`);
  const extra = operands[command.operands.length];
  if (extra !== undefined && !any) throw wrongUsage(`${JSON.stringify(extra)} is too much: ${usageOf(name, command)}`);
}

/** A whole number of an option. Throws `cli.wrong-usage`. */
export function parseCount(text: string, option: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(number) || number < 0)
    throw wrongUsage(`${option}: expected a whole number, got ${JSON.stringify(text)}`);
  return number;
}
