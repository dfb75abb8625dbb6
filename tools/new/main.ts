import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseNames } from './names.ts';
import { type Kind, kinds, planFiles } from './plan.ts';

const root = join(import.meta.dirname, '../..');
const [kind, text] = process.argv.slice(2);
const names = parseNames(text ?? '');
if (names === null || !kinds.includes(kind as Kind)) {
  console.error(`npm run new -- <${kinds.join(' | ')}> <name-in-kebab-case>`);
  process.exit(2);
}
const files = planFiles(kind as Kind, names);
const taken = files.find(({ path }) => existsSync(join(root, path)));
if (taken !== undefined) {
  console.error(`${taken.path} exists already: choose another name`);
  process.exit(2);
}
for (const { path, text: content } of files) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
  console.log(`wrote ${path}`);
}
console.log(`next: npm install (links @penstock/${names.kebab}), npx biome check --write, npm test -- ${names.kebab}`);
