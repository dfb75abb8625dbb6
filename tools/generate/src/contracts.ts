import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { type Generated, type GenerateOptions, readFolder } from './generated.ts';

const descriptors = 'libs/contracts/descriptors.binpb';

/**
 * From `proto/`: clients and servers in TypeScript, one door that names them by area, and the descriptor set that is served by
 * reflection and given to other teams. Everything runs offline.
 */
export async function generateContracts({ mayBreak }: GenerateOptions): Promise<readonly Generated[]> {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-generate-'));
  try {
    const set = join(folder, 'descriptors.binpb');
    const code = join(folder, 'code');
    await buf(['build', 'proto', '--exclude-source-info', '-o', set]);
    if (!mayBreak && existsSync(descriptors)) await refuseBreaking(set);
    // Records are not called: their schemas live in a registry, and codecs are compiled from them.
    const called = readdirSync('proto', { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== 'data');
    const paths = called.flatMap(({ name }) => ['--path', join('proto', name)]);
    await buf(['generate', 'proto', '--template', 'proto/buf.gen.yaml', '-o', code, ...paths]);
    const files = readFolder(code);
    return [
      { place: 'libs/contracts/src/generated', content: files },
      { place: 'libs/contracts/src/index.ts', content: Buffer.from(doorOf([...files.keys()])) },
      { place: descriptors, content: readFileSync(set) },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Compares a descriptor set with what was published last. */
async function refuseBreaking(set: string): Promise<void> {
  try {
    await buf(['breaking', set, '--against', descriptors]);
  } catch (thrown) {
    const advice = 'Add fields and methods instead, or make a new version of the package. Where nobody uses it yet:';
    throw new Error(`${thrown instanceof Error ? thrown.message : thrown}\n\n${advice} npm run generate -- --breaking`, {
      cause: thrown,
    });
  }
}

/** `penstock/stages/v1/stages.ts` is exported as `stages`, and its version 2 as `stagesV2`. */
export function doorOf(files: readonly string[]): string {
  const areas = files.filter((file) => !file.startsWith('google/protobuf/')).map((file) => ({ name: nameOf(file), file }));
  const twice = areas.find(({ name }, index) => areas.findIndex((area) => area.name === name) !== index);
  if (twice !== undefined) throw new Error(`two contracts are called ${twice.name}: rename one of their files`);
  const lines = areas
    .sort((a, b) => (a.file < b.file ? -1 : 1))
    .map(({ name, file }) => `export * as ${name} from './generated/${file}';`);
  return `export { readDescriptorSet } from './descriptor-set.ts';\n${lines.join('\n')}\n`;
}

function nameOf(file: string): string {
  const version = /^v(?!1$)\w+$/.exec(basename(dirname(file)))?.[0] ?? '';
  return `${basename(file, '.ts')}_${version}`.replaceAll(/_(\w?)/g, (_, letter: string) => letter.toUpperCase());
}

/** buf and its plugin are scripts: they find the pinned Node and each other in `node_modules/.bin`. */
async function buf(args: readonly string[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const path = [join(process.cwd(), 'node_modules/.bin'), process.env['PATH']].join(delimiter);
  const child = spawn('buf', args, { env: { ...process.env, PATH: path }, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const collect = (chunk: Buffer): void => {
    printed += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  child.once('error', reject);
  child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`buf ${args[0]}: ${printed.trim()}`))));
  return promise;
}
