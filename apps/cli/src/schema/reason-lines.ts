import { styleText } from 'node:util';
import { wrapped } from '../command-line/wrapped.ts';
import type { Break, Reason } from './registry-door.ts';

/** Reasons by version and direction, each with its place, what stood there and what stands there now. */
export function reasonLines(reasons: readonly Reason[], columns: number): string[] {
  return [...Map.groupBy(reasons, headOf)].flatMap(([head, own]) => [
    `${styleText('red', '✗')} ${head}`,
    ...own.flatMap((reason) => linesOf(reason, columns)),
  ]);
}

function headOf({ version, direction }: Reason): string {
  const name = version === null ? 'an earlier version' : `version ${version}`;
  if (direction === null) return `does not go with ${name}`;
  return direction === 'BACKWARD'
    ? `the new schema cannot read what ${name} wrote`
    : `${name} cannot read what the new schema writes`;
}

function linesOf({ type, path, message, old, new: now }: Reason, columns: number): string[] {
  const sides: [string, string, 'red' | 'green'][] = [
    ['old', old, 'red'],
    ['new', now, 'green'],
  ];
  const isChange = old !== '' || now !== '';
  return [
    `    ${styleText('bold', path || '/')}  ${styleText('dim', type)}`,
    ...wrapped(message, { indent: 6, columns }),
    ...(isChange
      ? sides.map(([name, text, colour]) => `      ${name}  ${styleText(colour, shortened(text || '–', columns - 11))}`)
      : []),
  ];
}

/** What deployed pipelines would not find any more: `rooms › preprocess › co2Ppm`. */
export function breakLines(breaks: readonly Break[], columns: number): string[] {
  if (breaks.length === 0) return [];
  const pipelines = new Set(breaks.map(({ pipeline }) => pipeline));
  const head = pipelines.size === 1 ? 'a deployed pipeline would break' : `${pipelines.size} deployed pipelines would break`;
  return [
    `${styleText('red', '✗')} ${head}`,
    ...breaks.flatMap(({ pipeline, stage, field, path, message }) => [
      `    ${styleText('bold', [pipeline, stage, field].filter((part) => part !== '').join(' › '))}  ${styleText('dim', path)}`,
      ...wrapped(message, { indent: 6, columns }),
    ]),
  ];
}

export function shortened(text: string, width: number): string {
  return text.length <= width || width < 2 ? text : `${text.slice(0, width - 1)}…`;
}
