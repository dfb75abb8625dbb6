import { type Command, type ListedCommand, type Option, type Options, sharedOptions } from './command.ts';

/** What `penstock --help` prints. */
export function overview(commands: readonly ListedCommand[]): string[] {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'penstock <command> [options]',
    '',
    ...commands.map(({ name, sentence }) => `  ${name.padEnd(width)}  ${sentence}`),
    '',
    'penstock <command> --help says more. Exit codes: 0 done, 1 the answer is no, 2 wrong usage, 3 not running or not',
    'answering, 4 a deadline passed, 5 no answer can be given.',
  ];
}

/** What `penstock <command> --help` prints. */
export function helpOf({ name, sentence }: ListedCommand, command: Command): string[] {
  return [
    usageOf(name, command),
    '',
    `  ${sentence}`,
    ...(command.details ?? []).map((line) => `  ${line}`),
    '',
    ...optionLines({ ...command.options, ...sharedOptions }),
  ];
}

export function usageOf(name: string, { operands }: Command): string {
  return ['penstock', name, ...operands, '[options]'].join(' ');
}

function optionLines(options: Options): string[] {
  const heads = Object.entries(options).map(([name, option]) => headOf(name, option));
  const width = Math.max(...heads.map((head) => head.length));
  return Object.values(options).map((option, index) => {
    const fallback = option.default === undefined ? '' : ` (${option.default})`;
    return `  ${(heads[index] ?? '').padEnd(width)}  ${option.says}${fallback}`;
  });
}

function headOf(name: string, { short, type, value }: Option): string {
  const shortened = short === undefined ? '    ' : `-${short}, `;
  return `${shortened}--${name}${type === 'string' ? ` <${value ?? 'text'}>` : ''}`;
}
