#!/usr/bin/env node
// The checked-in door to the command: it says so plainly when the build has not been made yet.
import { existsSync } from 'node:fs';
import process from 'node:process';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write('etherloom is not built: run `npm run build`\n');
  process.exitCode = 1;
}
