import { readFileSync } from 'node:fs';

/** One place that breaks one rule. */
export interface Finding {
  readonly rule: string;
  readonly file: string;
  /** From 1; 0 when the finding is about the whole file. */
  readonly line: number;
  readonly message: string;
}

/** Lets one file break one rule. The list only shrinks. */
export interface Waiver {
  readonly rule: string;
  readonly file: string;
  readonly reason: string;
}

const waiversFile = 'tools/tidy/waivers.json';

export function readWaivers(): Waiver[] {
  return JSON.parse(readFileSync(waiversFile, 'utf8')) as Waiver[];
}

/** The findings that no waiver covers, and the waivers that cover nothing any more or give no reason. */
export function withoutWaived(findings: readonly Finding[], waivers: readonly Waiver[]): Finding[] {
  const covers = (waiver: Waiver, finding: Finding): boolean => waiver.rule === finding.rule && waiver.file === finding.file;
  const left = findings.filter((finding) => !waivers.some((waiver) => waiver.reason !== '' && covers(waiver, finding)));
  const idle = waivers.filter((waiver) => !findings.some((finding) => covers(waiver, finding)));
  const complaints = idle.map(({ rule, file }) => ({
    rule: 'waiver',
    file: waiversFile,
    line: 0,
    message: `nothing in ${file} breaks ${rule} any more: delete the waiver`,
  }));
  return [...left, ...complaints];
}

export function formatFinding({ rule, file, line, message }: Finding): string {
  return `${file}${line > 0 ? `:${line}` : ''}: ${message} (${rule})`;
}
