/**
 * What a test needs of the machine. A test whose needs are not met is skipped, and its name and the reason are
 * noted in the file ETHERLOOM_NOT_RUN, from which `npm test` names them at its end (printed when there is none);
 * with ETHERLOOM_TEST_STRICT=1 (as in .ci/run) it fails instead, so that nothing is skipped in silence.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, closeSync, existsSync, openSync } from 'node:fs';
import { describe, test } from 'vitest';

export type Need =
  | 'root'
  | 'tun'
  | 'netns'
  | 'docker'
  | 'iperf3'
  | 'tcpdump'
  | 'dnsmasq'
  | 'vde'
  | 'openssl'
  | 'ethtool'
  | 'strace'
  | 'curl';

const STRICT = process.env['ETHERLOOM_TEST_STRICT'] === '1';

const PROGRAMS: Partial<Record<Need, [string, ...string[]]>> = {
  iperf3: ['iperf3', '--version'],
  tcpdump: ['tcpdump', '--version'],
  dnsmasq: ['dnsmasq', '--version'],
  vde: ['vde_switch', '--version'],
  openssl: ['openssl', 'version'],
  ethtool: ['ethtool', '--version'],
  strace: ['strace', '-o', '/dev/null', 'true'],
  curl: ['curl', '--version'],
};

const answers = new Map<Need, string>();

/** Why `need` is not met; empty when it is. */
function missing(need: Need): string {
  const known = answers.get(need);
  if (known !== undefined) return known;
  const reason = probe(need);
  answers.set(need, reason);
  return reason;
}

function probe(need: Need): string {
  if (process.platform !== 'linux' && need !== 'openssl' && need !== 'docker') return `${need} needs Linux`;
  switch (need) {
    case 'root':
      return process.getuid?.() === 0 ? '' : 'not root';
    case 'tun':
      return canOpen('/dev/net/tun') ? '' : 'no /dev/net/tun that can be opened';
    case 'docker':
      return runs(['docker', 'info']) || canStartDockerd()
        ? ''
        : 'no Docker engine, and none that can be started here';
    case 'netns':
      return canUnshare() ? '' : 'cannot make network namespaces (CAP_SYS_ADMIN), or no iproute2';
    default:
      return runs(PROGRAMS[need]!) ? '' : `${PROGRAMS[need]!.join(' ')} does not run`;
  }
}

function canOpen(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    closeSync(openSync(path, 'r+'));
    return true;
  } catch {
    return false;
  }
}

function canStartDockerd(): boolean {
  return (
    process.getuid?.() === 0 &&
    ['dockerd', 'docker', 'debootstrap'].every((program) => runs([program, '--version']))
  );
}

function canUnshare(): boolean {
  return runs(['unshare', '--net', 'true']) && runs(['ip', '-V']);
}

function runs([program, ...args]: [string, ...string[]]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

/** Why not all of `needs` are met; empty when they are. */
export function unmet(...needs: readonly Need[]): string {
  return needs
    .map(missing)
    .filter((reason) => reason !== '')
    .join('; ');
}

/** A `describe` that runs where its needs are met. Elsewhere it is named as skipped, or fails in strict mode. */
export function describeWith(name: string, needs: Need[], fn: () => void): void {
  const reason = reasonFor(name, needs);
  if (reason === '') describe(name, fn);
  else if (!STRICT) describe.skip(`${name} (skipped: ${reason})`, fn);
}

/** The same for one `test`. */
export function testWith(name: string, needs: Need[], fn: () => unknown): void {
  const reason = reasonFor(name, needs);
  if (reason === '') test(name, fn);
  else if (!STRICT) test.skip(`${name} (skipped: ${reason})`, fn);
}

/** Why it cannot run here, which is noted, or in strict mode a test that fails; empty when it can. */
function reasonFor(name: string, needs: readonly Need[]): string {
  const reason = unmet(...needs);
  if (reason === '') return '';
  if (!STRICT) noteNotRun(`${name}: ${reason}`);
  else
    test(`${name} (cannot run: ${reason})`, () => {
      throw new Error(`${name} cannot run on this machine: ${reason}`);
    });
  return reason;
}

function noteNotRun(line: string): void {
  const file = process.env['ETHERLOOM_NOT_RUN'];
  if (file === undefined) console.warn(`not run: ${line}`);
  else appendFileSync(file, `${line}\n`);
}
