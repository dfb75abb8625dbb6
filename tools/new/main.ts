import { join } from 'node:path';
import { parseNames } from './names.ts';
import { type Kind, kinds, planFiles } from './plan.ts';
import { findTaken, writeProject } from './write-project.ts';

const root = join(import.meta.dirname, '../..');
const [kind, text] = process.argv.slice(2);
const names = parseNames(text ?? '');
if (names === null || !kinds.includes(kind as Kind)) {
  console.error(`npm run new -- <${kinds.join(' | ')}> <name-in-kebab-case>`);
  process.exit(2);
}
const taken = findTaken(root, planFiles(kind as Kind, names));
if (taken !== null) {
  console.error(`${taken} exists already: choose another name`);
  process.exit(2);
}
for (const path of writeProject(root, kind as Kind, names)) console.log(`wrote ${path}`);
console.log(`next: npm install (links @penstock/${names.kebab}), npx biome check --write, npm test -- ${names.kebab}`);
