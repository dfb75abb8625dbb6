import { resolve } from 'node:path';
import { messageOf, Problem } from '@penstock/kernel';
import type { Call, ListedCommand, Options } from './command.ts';
import { exitCode } from './exit-codes.ts';
import { helpOf, overview } from './help.ts';
import { jsonOf, type Output } from './output.ts';
import { findCommand, parseCall } from './parse-call.ts';
import { wrongUsage } from './problems.ts';

export interface World {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly interactive: boolean;
  readonly columns: number;
  /** Where a platform is kept unless `--folder` says otherwise. */
  readonly defaultFolder: string;
  print(text: string): void;
  tell(text: string): void;
}

/** Runs one command. Answers the exit code; nothing is thrown but defects. */
export async function runCli(words: readonly string[], commands: readonly ListedCommand[], world: World): Promise<number> {
  const json = words.some((word, index) => /^(-o|--output)$/.test(words[index - 1] ?? '') && word === 'json');
  try {
    return await run(words, commands, world);
  } catch (thrown) {
    if (world.signal.aborted && !(thrown instanceof Problem)) return exitCode.failed;
    if (!(thrown instanceof Problem)) throw thrown;
    tellProblem(thrown, json, world);
    return codeOf(thrown);
  }
}

function tellProblem(problem: Problem, json: boolean, world: World): void {
  const { code, facts } = problem;
  world.tell(json ? jsonOf({ error: { code, message: messageOf(problem), facts } }) : `penstock: ${messageOf(problem)}`);
}

async function run(words: readonly string[], commands: readonly ListedCommand[], world: World): Promise<number> {
  if (words[0] === undefined || /^(-h|--help|help)$/.test(words[0])) {
    for (const line of overview(commands)) world.print(line);
    return words[0] === undefined ? exitCode.wrongUsage : exitCode.done;
  }
  const { listed, rest } = findCommand(words, commands);
  const command = await listed.load();
  const { values, operands } = parseCall(listed.name, command, rest);
  if (values['help'] === true) {
    for (const line of helpOf(listed, command)) world.print(line);
    return exitCode.done;
  }
  const { env, signal, defaultFolder } = world;
  const folder = resolve(String(values['folder'] ?? env['PENSTOCK_FOLDER'] ?? defaultFolder));
  const call = { values, operands, env, signal, folder, output: outputOf(values['output'], world) } as Call<Options>;
  try {
    return await command.run(call);
  } catch (thrown) {
    if (!(thrown instanceof Problem) || command.problemCode === undefined) throw thrown;
    tellProblem(thrown, call.output.json, world);
    const code = codeOf(thrown);
    return code === exitCode.failed ? command.problemCode : code;
  }
}

function outputOf(format: unknown, world: World): Output {
  if (format !== 'text' && format !== 'json') throw wrongUsage(`--output: expected text or json, got ${JSON.stringify(format)}`);
  const { print, tell, columns, interactive } = world;
  return { json: format === 'json', print, tell, columns, interactive };
}

function codeOf({ kind }: Problem): number {
  if (kind.code === 'cli.wrong-usage') return exitCode.wrongUsage;
  const silent = kind.status === 'UNAVAILABLE' || kind.status === 'DEADLINE_EXCEEDED';
  return silent ? exitCode.unreachable : exitCode.failed;
}
