import { styleText } from 'node:util';

/** One stage as the view shows it. */
export interface StageView {
  readonly name: string;
  readonly service: string;
  readonly state: 'starting' | 'flowing' | 'waiting' | 'stopped' | 'unknown';
  readonly ratePerSecond: number;
  readonly lag: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly problem: string | null;
}

/** Everything that is on the screen at one moment. */
export interface Snapshot {
  readonly says: string;
  /** The devices' clock. */
  readonly clockMs: number | null;
  readonly seconds: number;
  readonly ledger: {
    readonly acknowledged: number;
    readonly stored: number;
    readonly inFlight: number;
    readonly lost: number;
    readonly refused: number;
  };
  readonly stages: readonly StageView[];
  readonly model: { readonly version: number | null; readonly trainedUntilMs: number | null; readonly moves: number };
  readonly accuracy: readonly { readonly phase: string; readonly rows: number; readonly balanced: number | null }[];
  readonly news: readonly string[];
  readonly hint: string;
  readonly keys: string;
}

const newsRows = 6;
const stateMarks = {
  starting: styleText('yellow', '◌'),
  flowing: styleText('green', '●'),
  waiting: styleText('yellow', '◐'),
  stopped: styleText('red', '■'),
  unknown: styleText('red', '?'),
} as const;

/** The screen as lines, no wider than `columns`; the same snapshot gives the same lines. */
export function render(snapshot: Snapshot, columns: number): string[] {
  const rule = styleText('dim', '─'.repeat(Math.min(columns, 110)));
  return [
    header(snapshot),
    styleText('dim', snapshot.says),
    rule,
    ledger(snapshot.ledger),
    rule,
    styleText(
      'dim',
      `  ${cell('stage', 12)}${cell('service', 18)}${right('rows/s', 9)}${right('lag', 9)}${right('p50', 9)}${right('p99', 9)}`,
    ),
    ...snapshot.stages.map(stageLine),
    rule,
    modelLine(snapshot),
    accuracyLine(snapshot),
    rule,
    ...padded(snapshot.news),
    rule,
    `  ${styleText('cyan', snapshot.hint)}`,
    styleText('dim', `  ${snapshot.keys}`),
  ].map((line) => clipped(line, columns));
}

function header({ clockMs, seconds }: Snapshot): string {
  const clock =
    clockMs === null ? 'before the first reading' : `${new Date(clockMs).toUTCString().slice(0, 22)} on the devices' clock`;
  return `${styleText(['bold', 'cyan'], 'Penstock')}  ${clock}  ${styleText('dim', `${seconds.toFixed(0)} s`)}`;
}

function ledger({ acknowledged, stored, inFlight, lost, refused }: Snapshot['ledger']): string {
  const lostText = `lost ${count(lost)}`;
  const parts = [
    `acknowledged ${styleText('bold', count(acknowledged))}`,
    `stored ${styleText('bold', count(stored))}`,
    `in flight ${count(inFlight)}`,
    `refused ${count(refused)}`,
    lost === 0 ? styleText(['bold', 'green'], lostText) : styleText(['bold', 'red'], lostText),
  ];
  return `  ledger   ${parts.join('   ')}`;
}

function stageLine(stage: StageView): string {
  const line = `${stateMarks[stage.state]} ${cell(stage.name, 12)}${styleText('dim', cell(stage.service, 18))}`;
  const figures = [count(stage.ratePerSecond), count(stage.lag), duration(stage.p50Ms), duration(stage.p99Ms)];
  const why = stage.problem === null ? '' : styleText('yellow', `  ${stage.problem}`);
  return `${line}${figures.map((figure) => right(figure, 9)).join('')}${why}`;
}

function modelLine({ model }: Snapshot): string {
  if (model.version === null) return '  model    none yet: readings wait in their topic, nothing is lost';
  const until =
    model.trainedUntilMs === null
      ? ''
      : `, trained on what came before ${new Date(model.trainedUntilMs).toUTCString().slice(5, 22)}`;
  return `  model    occupancy version ${styleText('bold', String(model.version))}${until}; moved ${model.moves} times`;
}

function accuracyLine({ accuracy }: Snapshot): string {
  const parts = accuracy.map(({ phase, rows, balanced }) => {
    const figure = balanced === null ? '–' : styleText('bold', `${(balanced * 100).toFixed(1)} %`);
    return `${phase} ${figure} ${styleText('dim', `(${count(rows)})`)}`;
  });
  return `  balanced accuracy   ${parts.length === 0 ? 'no labels yet' : parts.join('   ')}`;
}

function padded(news: readonly string[]): string[] {
  const shown = news.slice(-newsRows).map((line) => `  ${line}`);
  return [...shown, ...Array.from({ length: newsRows - shown.length }, () => '')];
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function duration(valueMs: number | null): string {
  if (valueMs === null) return '–';
  return valueMs < 1_000 ? `${valueMs.toFixed(0)} ms` : `${(valueMs / 1_000).toFixed(1)} s`;
}

function cell(text: string, width: number): string {
  return text.slice(0, width - 1).padEnd(width);
}

function right(text: string, width: number): string {
  return text.padStart(width);
}

const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/** Cuts what is seen, not what is escaped. */
function clipped(line: string, columns: number): string {
  if (line.replaceAll(escapes, '').length <= columns) return line;
  let seen = 0;
  let at = 0;
  while (at < line.length && seen < columns - 1) {
    escapes.lastIndex = at;
    const escape = escapes.exec(line);
    if (escape?.index === at) at += escape[0].length;
    else {
      at += 1;
      seen += 1;
    }
  }
  return `${line.slice(0, at)}…${String.fromCharCode(27)}[0m`;
}
