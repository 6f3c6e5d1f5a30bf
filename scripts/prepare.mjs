// Installs what package-lock.json asks for and builds, both only when needed.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

function oldNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major < 20 || (major === 20 && minor < 19);
}

function installed() {
  const stamp = `${root}node_modules/.package-lock.json`;
  return existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(`${root}package-lock.json`).mtimeMs;
}

/** Runs a program in the repository, its output on ours; ends this process when it fails. */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    ...options,
  });
  if (done.error) throw done.error;
  if (done.status !== 0) process.exit(done.status ?? 1);
}

export function prepare() {
  if (oldNode()) {
    process.stderr.write(`Etherloom needs Node.js 20.19 or newer; this is ${process.versions.node}.\n`);
    process.exit(1);
  }
  if (!installed()) {
    process.stdout.write('Installing dependencies ...\n');
    run('npm', ['ci', '--no-audit', '--no-fund']);
  }
  process.stdout.write('Building ...\n');
  run('npm', ['run', '--silent', 'build']);
}
