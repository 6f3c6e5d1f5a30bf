/** How the reader's shell finds this command: by its name, through npx in this folder, or by its file. */
import { existsSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const NAME = 'etherloom';
const FILE = fileURLToPath(new URL('../../bin/etherloom.js', import.meta.url));

export function commandWord(
  path: string = process.env['PATH'] ?? '',
  folder: string = process.cwd(),
): string {
  // Why the filter: npm puts node_modules/.bin on the PATH of its scripts, and the reader's shell has none of it.
  const folders = path.split(delimiter).filter((each) => each !== '' && !each.includes('node_modules'));
  if (folders.some((each) => existsSync(join(each, NAME)))) return NAME;
  if (existsSync(join(folder, 'node_modules', '.bin', NAME))) return `npx ${NAME}`;
  return `node ${relative(folder, FILE)}`;
}
