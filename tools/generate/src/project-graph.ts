import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Generated } from './generated.ts';

const page = 'docs/architecture.md';
const region = /(<!-- projects: made by `npm run generate` -->\n)[^]*?(<!-- end of projects -->)/;

/** One project of the repository and the projects that it imports. */
export interface Project {
  readonly name: string;
  readonly folder: string;
  readonly imports: ReadonlySet<string>;
}

interface Layer {
  readonly title: string;
  holds(project: Project): boolean;
}

const kits = new Set(['pipeline', 'service', 'schema', 'expressions', 'contracts']);

/** From top to bottom; what tests and tools alone use is left out. */
const layers: readonly Layer[] = [
  { title: 'apps', holds: ({ folder }) => folder.startsWith('apps/') },
  {
    title: 'assembly',
    holds: ({ folder, name }) => !folder.startsWith('libs/components/') && !kits.has(name) && name !== 'kernel',
  },
  { title: 'components', holds: ({ folder }) => folder.startsWith('libs/components/') },
  { title: 'kits', holds: ({ name }) => kits.has(name) },
  { title: 'kernel', holds: ({ name }) => name === 'kernel' },
];

/** The picture of the projects in `docs/architecture.md`, from what they really import. */
export async function generateProjectGraph(): Promise<readonly Generated[]> {
  const text = readFileSync(page, 'utf8');
  if (!region.test(text)) throw new Error(`${page}: the place for the picture of the projects is gone`);
  const picture = `\`\`\`mermaid\n${pictureOf(readProjects())}\`\`\`\n`;
  return [{ place: page, content: Buffer.from(text.replace(region, (_, before, after) => `${before}${picture}${after}`)) }];
}

function readProjects(): Project[] {
  const manifests = globSync(['apps/*/package.json', 'libs/*/package.json', 'libs/components/*/package.json']).sort();
  const projects = manifests.map((manifest) => {
    const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name: string };
    return { name: name.replace('@penstock/', ''), folder: dirname(manifest), imports: importsBelow(dirname(manifest)) };
  });
  return projects.filter(({ name }) => name !== 'testing' && name !== 'e2e');
}

/** What tests need is not what the project stands on. */
function importsBelow(folder: string): Set<string> {
  const files = globSync(`${folder}/src/**/*.ts`).filter((file) => !/\.test\.ts$|\/(conformance|testing|generated)\//.test(file));
  const imports = files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/from '@penstock\/([a-z-]+)'/g)]);
  return new Set(imports.map(([, name = '']) => name));
}

/** Layers as boxes; an arrow only where no longer way says the same. */
export function pictureOf(projects: readonly Project[]): string {
  const byName = new Map(projects.map((project) => [project.name, project]));
  const boxes = layers.flatMap(({ title, holds }, index) => {
    const held = projects.filter((project) => layers.findIndex((layer) => layer.holds(project)) === index && holds(project));
    return [`  subgraph layer${index}[${title}]`, ...held.map(({ name }) => `    ${name}`), '  end'];
  });
  const arrows = projects.flatMap(({ name, imports }) => {
    const direct = [...imports].filter((other) => byName.has(other) && other !== name);
    const implied = new Set(direct.flatMap((other) => [...reachable(other, byName)]));
    return direct.filter((other) => !implied.has(other)).map((other) => `  ${name} --> ${other}`);
  });
  return `${['flowchart TB', ...boxes, ...arrows.sort()].join('\n')}\n`;
}

/** Everything that a project stands on, itself apart. */
function reachable(name: string, byName: ReadonlyMap<string, Project>): Set<string> {
  const found = new Set<string>();
  const visit = (other: string): void => {
    for (const next of byName.get(other)?.imports ?? []) {
      if (next === other || found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(name);
  return found;
}
