import { expect, test } from 'vitest';
import type { CliError } from '../cli-error.ts';
import { readEthtoolWords } from './ethtool-words.ts';

const read = (line: string) => readEthtoolWords(line.split(' ').filter((word) => word !== ''));
const set = (option: string, patch: object) => ({ what: 'set', option, dev: 'eth0', patch });
const show = (section: string) => ({ what: 'show', section, dev: 'eth0' });

// biome-ignore format: one command a line
test.each([
  ['eth0',                                  show('settings')],
  ['-i eth0',                               show('drvinfo')],
  ['--driver eth0',                         show('drvinfo')],
  ['-k eth0',                               show('features')],
  ['--show-offload eth0',                   show('features')],
  ['-g eth0',                               show('ring')],
  ['-c eth0',                               show('coalesce')],
  ['-a eth0',                               show('pause')],
  ['-l eth0',                               show('channels')],
  ['-S eth0',                               show('stats')],
  ['-P eth0',                               show('permaddr')],
  ['-G eth0 rx 512 tx 0x100',               set('-G', { ring: { rx: 512, tx: 256 } })],
  ['-C eth0 rx-usecs 50 rx-frames 64',      set('-C', { coalesce: { 'rx-usecs': 50, 'rx-frames': 64 } })],
  ['-L eth0 combined 4',                    set('-L', { channels: { combined: 4 } })],
  ['-A eth0 autoneg off rx on tx off',      set('-A', { pause: { autonegotiate: false, rx: true, tx: false } })],
  ['-K eth0 tso off generic-receive-offload on', set('-K', { features: { tso: false, 'generic-receive-offload': true } })],
  ['-s eth0 speed 100 duplex full autoneg off', set('-s', { settings: { speed: 100, duplex: 'full', 'auto-negotiation': false } })],
  ['--set-ring eth0 rx 8',                  set('--set-ring', { ring: { rx: 8 } })],
  ['-s eth0',                               set('-s', { settings: {} })],
  ['--debug 3 -I -a eth0',                  show('pause')],
  ['-h',                                    { what: 'help' }],
  ['--version',                             { what: 'version' }],
])('"ethtool %s" is that command', (line, command) => {
  expect(read(line).command).toEqual(command);
});

test('--json and -n NODE stand in front', () => {
  expect(read('-n h1 --json -k eth0')).toMatchObject({ json: true, node: 'h1', command: show('features') });
  expect(read('-j h1:eth0')).toMatchObject({ json: true, node: null, command: { dev: 'h1:eth0' } });
});

// biome-ignore format: one mistake a line
test.each([
  ['',                          'ethtool: bad command line argument(s)'],
  ['-z eth0',                   'ethtool: bad command line argument(s)'],
  ['-g',                        'ethtool: bad command line argument(s)'],
  ['-k eth0 x',                 "ethtool: unexpected parameter 'x'"],
  ['-G eth0 rx',                "ethtool (-G): no value for parameter 'rx'"],
  ['-G eth0 rx -1',             "ethtool (-G): invalid value '-1' for parameter 'rx'"],
  ['--set-ring eth0 foo 1',     "ethtool (-G): unknown parameter 'foo'"],
  ['-s eth0 speed x',           "ethtool (-s): invalid value 'x' for parameter 'speed'"],
  ['-A eth0 rx foo',            "ethtool (-A): invalid value 'foo' for parameter 'rx'"],
  ['-K eth0 tso maybe',         "ethtool (-K): flag 'maybe' for parameter 'tso' is not followed by 'on' or 'off'"],
  ['-K eth0',                   'Could not change any device features'],
  ['-G eth0 rx 5 rx 6',         "ethtool (-G): duplicate parameter 'rx'"],
  ['-T eth0',                   'netlink error: Operation not supported: no device of a lab has what -T is about'],
  ['--set-eee eth0 eee on',     'netlink error: Operation not supported'],
  ['-C eth0 adaptive-rx on',    'netlink error: Operation not supported'],
])('"ethtool %s" is refused in the words of ethtool', (line, text) => {
  const error = refusalOf(() => read(line));
  expect(error.message).toContain(text);
  expect(error.exitCode).toBe(1);
});

function refusalOf(run: () => unknown): CliError {
  try {
    run();
  } catch (error) {
    return error as CliError;
  }
  throw new Error('not refused');
}
