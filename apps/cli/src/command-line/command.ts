import type { Output } from './output.ts';

export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly default?: string;
  readonly multiple?: boolean;
  /** A sentence for the help, without a full stop. */
  readonly says: string;
  /** How the value is called in the help; text options only. */
  readonly value?: string;
}

export type Options = Readonly<Record<string, Option>>;

type ValueOf<Own> = Own extends { readonly type: 'boolean' }
  ? boolean
  : Own extends { readonly multiple: true }
    ? readonly string[]
    : Own extends { readonly default: string }
      ? string
      : string | undefined;
export type Values<Own extends Options> = { readonly [Name in keyof Own]: ValueOf<Own[Name]> };

/** What a command is run with. */
export interface Call<Own extends Options> {
  readonly values: Values<Own>;
  /** As many as the command declares. */
  readonly operands: readonly string[];
  readonly output: Output;
  readonly env: NodeJS.ProcessEnv;
  /** Where a platform of this machine keeps itself. */
  readonly folder: string;
  /** Aborts at Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
}

export interface CommandDefinition<Own extends Options> {
  /** As they stand in the usage: `<topic>` must be there, `[file]` may, `[files…]` any number. */
  readonly operands: readonly string[];
  readonly options: Own;
  /** Further lines of help. */
  readonly details?: readonly string[];
  /** The exit code of problems, where 1 is an answer of its own; those of usage and of what does not run keep theirs. */
  readonly problemCode?: number;
  /** Answers the exit code. */
  run(call: Call<Own>): Promise<number>;
}

export type Command = CommandDefinition<Options>;

/** Declares a command; the types of its values follow from its options. */
export function defineCommand<const Own extends Options>(definition: CommandDefinition<Own>): Command {
  return definition as unknown as Command;
}

/** A command as it stands in the list: what it is called, and where it is. */
export interface ListedCommand {
  /** One or two words: `up`, `dlq ls`. */
  readonly name: string;
  readonly sentence: string;
  load(): Promise<Command>;
}

/** Options that every command has. */
export const sharedOptions = {
  output: { type: 'string', short: 'o', default: 'text', value: 'text|json', says: 'how data is printed' },
  folder: { type: 'string', value: 'folder', says: "the platform's folder; .penstock/platform of the checkout by default" },
  help: { type: 'boolean', short: 'h', says: 'print this' },
} as const satisfies Options;
