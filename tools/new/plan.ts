import type { Names } from './names.ts';
import { packageFile, readmeFile } from './templates/project.ts';
import { serviceFiles } from './templates/service.ts';
import { sinkFiles } from './templates/sink.ts';
import { sourceFiles } from './templates/source.ts';
import { transformFiles } from './templates/transform.ts';

export const kinds = ['transform', 'source', 'sink', 'service'] as const;
export type Kind = (typeof kinds)[number];

export interface PlannedFile {
  readonly path: string;
  readonly text: string;
}

const own = { transform: transformFiles, source: sourceFiles, sink: sinkFiles, service: serviceFiles } as const;

/** The files of a new project, of the same names as in every other project of its kind. */
export function planFiles(kind: Kind, names: Names): PlannedFile[] {
  const folder = kind === 'service' ? `apps/${names.kebab}` : `libs/components/${names.kebab}`;
  const tag = kind === 'service' ? 'app' : 'component';
  const files = { 'package.json': packageFile(names, tag), 'README.md': readmeFile(names, kind), ...own[kind](names) };
  return Object.entries(files).map(([path, text]) => ({ path: `${folder}/${path}`, text: text.trimStart() }));
}
