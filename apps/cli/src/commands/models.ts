import { models } from '@penstock/contracts';
import { createGrpcClient, type GrpcClient } from '@penstock/service';
import { readAddresses } from '../command-line/addresses.ts';
import { type Call, defineCommand, type Options } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { grpcOptions } from '../command-line/grpc-options.ts';
import { instant, show, table } from '../command-line/output.ts';
import { wrongUsage } from '../command-line/problems.ts';

type ModelsClient = GrpcClient<typeof models.ModelsServiceClient.service>;

/** Loading and trying a version takes a while. */
const moveMsMax = 60_000;

function openModels({ env, folder }: Call<Options>): ModelsClient {
  return createGrpcClient(models.ModelsServiceClient, readAddresses({ env, folder }).service('model-server'), grpcOptions(env));
}

export const modelsLs = defineCommand({
  operands: ['[model]'],
  options: {},
  details: ['With a model: its versions, what they were trained on, and every move of its aliases.'],
  async run(call) {
    using client = openModels(call);
    const model = call.operands[0];
    return model === undefined ? await listAll(call, client) : await listOne(call, client, model);
  },
});

async function listAll({ output }: Call<Options>, client: ModelsClient): Promise<number> {
  const { models: summaries } = await client.listModels({});
  const rows = summaries.map(({ model, newestVersion, aliases }) => [
    model,
    String(newestVersion),
    aliases.map(aliasText).join(', '),
  ]);
  show(output, summaries, () =>
    rows.length === 0 ? ['there is no model yet: `penstock retrain` trains one'] : table(['model', 'newest', 'aliases'], rows),
  );
  return exitCode.done;
}

function aliasText({ alias, version, serving, problem }: models.Alias): string {
  if (serving === version) return `${alias} → ${version}`;
  return `${alias} → ${version} (${problem === undefined ? 'loading' : `${problem.code}: ${problem.message}`}${serving === 0 ? '' : `; ${serving} answers`})`;
}

async function listOne({ output }: Call<Options>, client: ModelsClient, name: string): Promise<number> {
  const { model } = await client.getModel({ model: name });
  const { versions = [], aliases = [], moves = [] } = model ?? {};
  const data = { model: name, versions: versions.map(jsonOfVersion), aliases, moves };
  show(output, data, () => [
    ...table(['version', 'state', 'trained until', 'rows', 'by', 'metrics'], versions.map(versionRow)),
    '',
    ...aliases.map(aliasText),
    '',
    ...moves.map(
      ({ alias, from, to, reason, by, atMs }) =>
        `${instant(atMs)}  ${alias}: ${from === 0 ? 'nothing' : from} → ${to}, ${reason} (${by})`,
    ),
  ]);
  return exitCode.done;
}

function stateOf({ state }: models.Version): string {
  return models.versionStateToJSON(state).replace('VERSION_STATE_', '').toLowerCase();
}

/** Of all that a version was judged by; `-o json` has the rest. */
const shownMetrics = ['auc', 'balancedAccuracy', 'accuracy', 'logLoss'];

function versionRow(version: models.Version): string[] {
  const { dataset, metrics, trigger, problem } = version;
  return [
    String(version.version),
    problem === undefined ? stateOf(version) : `${stateOf(version)}: ${problem.message}`,
    dataset === undefined ? '–' : instant(dataset.trainedUntilMs),
    dataset === undefined ? '–' : String(dataset.rows),
    trigger?.kind ?? '–',
    shownMetrics.flatMap((name) => (metrics.has(name) ? [`${name} ${metrics.get(name)?.toFixed(4)}`] : [])).join(', '),
  ];
}

function jsonOfVersion(version: models.Version): object {
  return { ...version, state: stateOf(version) };
}

const moveOptions = {
  alias: { type: 'string', short: 'a', default: 'production', value: 'alias', says: 'which alias to move' },
  reason: { type: 'string', short: 'r', default: 'by hand', value: 'text', says: 'why; it stands in the history' },
} as const;

export const modelsMove = defineCommand({
  operands: ['<model>', '<version|back>'],
  options: moveOptions,
  details: [
    'The version is loaded and tried first; a version that cannot serve leaves the old one serving. `back` undoes the last move.',
  ],
  async run(call) {
    using client = openModels(call);
    const [model = '', version = ''] = call.operands;
    const { alias, reason } = call.values;
    const by = call.env['USER'] ?? '';
    const { move } = await client.moveAlias({ model, alias, reason, by, to: targetOf(version) }, { deadlineMs: moveMsMax });
    show(call.output, move ?? {}, () => [`${model} ${alias}: ${move?.from === 0 ? 'nothing' : move?.from} → ${move?.to}`]);
    return exitCode.done;
  },
});

function targetOf(version: string): models.MoveAliasRequest['to'] {
  if (version === 'back') return { $case: 'rollback', value: {} };
  if (/^[1-9]\d*$/.test(version)) return { $case: 'version', value: Number(version) };
  throw wrongUsage(`<version|back>: expected a version such as 3, or back, got ${JSON.stringify(version)}`);
}
