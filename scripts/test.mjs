// npm test: install if needed, build, run everything this machine can run, and name what it could not run.
// ETHERLOOM_TEST_STRICT=1 makes each test that cannot run, or is skipped, a failure. Arguments go to vitest.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { prepare, root } from './prepare.mjs';

prepare();
const folder = mkdtempSync(join(tmpdir(), 'etherloom-test-'));
const report = join(folder, 'report.json');
const notRun = join(folder, 'not-run.txt');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const args = [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
];
const done = spawnSync(process.execPath, [vitest, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ETHERLOOM_NOT_RUN: notRun },
});

const strict = process.env.ETHERLOOM_TEST_STRICT === '1';
let failed = 1;
let passed = 0;
let skipped = 0;
if (existsSync(report)) {
  const summary = JSON.parse(readFileSync(report, 'utf8'));
  passed = summary.numPassedTests;
  failed = summary.numFailedTests;
  skipped = summary.numPendingTests + (summary.numTodoTests ?? 0);
  // A file that does not load or a failing hook fails without a failing test.
  const brokenFiles = summary.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  failed += brokenFiles.length;
  // Whatever has a test skipped: in strict mode that is a failure.
  const pending = summary.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status !== 'passed' && status !== 'failed'),
  );
  if (strict && pending.length > 0) {
    failed += pending.length;
    const names = pending.map(({ fullName }) => `  - ${fullName}\n`);
    process.stdout.write(`\nSkipped, which fails here:\n${names.join('')}`);
  }
}
if (done.status !== 0 && failed === 0) failed = 1;

if (existsSync(notRun)) {
  const reasons = [...new Set(readFileSync(notRun, 'utf8').trim().split('\n'))];
  process.stdout.write(`\nNot run on this machine:\n${reasons.map((line) => `  - ${line}`).join('\n')}\n`);
}
rmSync(folder, { recursive: true, force: true });
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exit(failed > 0 || done.status !== 0 ? 1 : 0);
