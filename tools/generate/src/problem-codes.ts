import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Generated } from './generated.ts';

const place = 'docs/reference/problems.md';
const declaration =
  /(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\s*)?export const \w+ = defineProblem\(\{\s*code: '([^']+)',\s*status: '([A-Z_]+)',\s*remedy: '(\w+)',?\s*\}\)/g;

export interface DeclaredProblem {
  readonly code: string;
  readonly status: string;
  readonly remedy: string;
  readonly sentence: string;
}

/** Every code that a problem can have, out of the files in which they are declared. */
export async function generateProblemCodes(): Promise<readonly Generated[]> {
  const files = globSync('{apps,libs}/**/problems.ts', { exclude: (path) => path.includes('node_modules') }).sort();
  const problems = files.flatMap((file) => problemsIn(readFileSync(file, 'utf8')).map((problem) => ({ file, ...problem })));
  const twice = problems.find(({ code }, index) => problems.findIndex((other) => other.code === code) !== index);
  if (twice !== undefined) throw new Error(`${twice.file}: the code ${twice.code} is taken by another problem`);
  return [{ place, content: Buffer.from(pageOf(problems)) }];
}

export function problemsIn(text: string): DeclaredProblem[] {
  return [...text.matchAll(declaration)].map(([, comment = '', code = '', status = '', remedy = '']) => {
    const sentence = comment
      .replaceAll(/\s*\n\s*\*\s?/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim();
    return { code, status, remedy, sentence };
  });
}

const introduction = `<!-- Made by \`npm run generate\` out of the files \`problems.ts\`: change them there. -->

# Problems

Every expected failure has a code that never changes its meaning. It stands in dead letters, in the status of stages, in logs, and in the
\`google.rpc.ErrorInfo\` of an answer; over gRPC the problem is answered with its status. What happens by itself:

| remedy | in a stage | to a caller |
|---|---|---|
| retry | the lane waits and goes on when it is over | ask again later |
| reject | the record goes to the dead letters, the others flow | this request is at fault |
| stop | the stage stands still until a person has looked | a person must look |
`;

function pageOf(problems: readonly (DeclaredProblem & { readonly file: string })[]): string {
  const byArea = Map.groupBy(problems, ({ code }) => code.split('.')[0] ?? '');
  const sections = [...byArea]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([area, own]) => {
      const rows = [...own]
        .sort((a, b) => (a.code < b.code ? -1 : 1))
        .map(
          ({ code, remedy, status, sentence }) => `| \`${code}\` | ${remedy} | ${status} | ${sentence.replaceAll('|', '\\|')} |`,
        );
      const homes = [...new Set(own.map(({ file }) => `\`${dirname(file).replace(/\/src$/, '')}\``))].join(', ');
      return [`\n## ${area}\n`, `Declared in ${homes}.\n`, '| code | remedy | status | |', '|---|---|---|---|', ...rows].join(
        '\n',
      );
    });
  return `${introduction}${sections.join('\n')}\n`;
}
