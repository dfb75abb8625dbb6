/*
 * Runs before every npm script, on whatever Node the user has: plain JavaScript, nothing but Node itself.
 * Installs the packages when they are missing or no longer those of the lockfile, and says nothing when there is nothing to do.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const modules = join(root, 'node_modules');
const lockfile = join(root, 'package-lock.json');
const stamp = join(modules, '.penstock-installed');

/** Platforms for which the lockfile pins a Node of its own. */
const pinned = ['linux-x64', 'linux-arm64'];

const problem = whatIsWrongWithNode() ?? installPackages();
if (problem !== null) {
  console.error(problem);
  process.exitCode = 1;
}

/** @returns {string | null} */
function whatIsWrongWithNode() {
  const platform = `${process.platform}-${process.arch}`;
  if (pinned.includes(platform)) return null;
  const wanted = minimumOf(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node);
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > wanted.major || (major === wanted.major && minor >= wanted.minor)) return null;
  return `Penstock brings no Node for ${platform} and needs ${wanted.major}.${wanted.minor} or newer, this is ${process.version}: install a newer Node`;
}

/** @returns {string | null} */
function installPackages() {
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return null;
  if (isInstalledByHand()) {
    writeFileSync(stamp, wanted);
    return null;
  }
  console.error('installing npm packages, about 1.2 GB unpacked …');
  const started = Date.now();
  const { status, stderr, error } = spawnSync('npm', ['ci', '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) return `npm ci failed: ${reason(error?.message ?? stderr)}; run \`npm ci\` to see all of it`;
  writeFileSync(stamp, wanted);
  console.error(`npm packages installed in ${((Date.now() - started) / 1000).toFixed(0)} s`);
  return null;
}

/** npm keeps its own list of what it installed: after an `npm install` by hand that list has all of the lockfile. */
function isInstalledByHand() {
  const [wanted, installed] = [lockfile, join(modules, '.package-lock.json')].map(packagesOf);
  if (wanted === null || installed === null || Object.keys(wanted).length === 0) return false;
  return Object.entries(wanted)
    .filter(([path, { optional }]) => path.startsWith('node_modules/') && !optional)
    .every(([path, { version, link }]) => installed[path]?.version === version && installed[path]?.link === link);
}

/** @param {string} file */
function packagesOf(file) {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')).packages ?? {}) : null;
}

/** What decides about the content of node_modules. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const file of [lockfile, join(root, 'package.json')]) hash.update(existsSync(file) ? readFileSync(file) : '');
  return hash.digest('hex');
}

/** @param {string} text */
function reason(text) {
  const lines = text.split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim());
  return lines.find((line) => line !== '' && !line.startsWith('code ')) ?? 'it gave no reason';
}

/** @param {string} range such as `>=24.11` */
function minimumOf(range) {
  const [major = 0, minor = 0] = range
    .replace(/[^\d.]/g, '')
    .split('.')
    .map(Number);
  return { major, minor };
}
