import { readFileSync } from 'node:fs';
import { documentJsonSchema, referencePage, settingsTable, transforms } from '@penstock/document';
import type { Generated } from './generated.ts';

/** The reference of the pipeline language, its schema for editors, and the settings in the READMEs of its transforms. */
export async function generateReference(): Promise<readonly Generated[]> {
  const schema = `${JSON.stringify(documentJsonSchema(), null, 2)}\n`;
  return [
    { place: 'docs/reference/pipeline.schema.json', content: Buffer.from(schema) },
    { place: 'docs/reference/pipeline.md', content: Buffer.from(referencePage()) },
    ...transforms.map(({ name, config }) => {
      const place = `libs/components/${name}/README.md`;
      return { place, content: Buffer.from(withSettings(readFileSync(place, 'utf8'), settingsTable(config))) };
    }),
  ];
}

/** A README with its table of settings made anew; everything else in it is somebody's own words. */
export function withSettings(readme: string, table: string): string {
  const heading = '\n## Settings\n';
  const start = readme.indexOf(heading);
  const end = readme.indexOf('\n## ', start + heading.length);
  if (start < 0 || end < 0) throw new Error('expected a README with the headings Settings and, behind it, another');
  return `${readme.slice(0, start)}${heading}\n${table}\n${readme.slice(end)}`;
}
