import { expect, test } from 'vitest';
import type { CliError } from '../cli-error.ts';
import { readTraceWords } from './trace-words.ts';

const read = (line: string) => readTraceWords(line.split(' ').filter((word) => word !== ''));

// biome-ignore format: one filter a line
test.each([
  ['',                                     {}],
  ['icmp',                                 { proto: 'icmp' }],
  ['icmp6',                                { proto: 'icmpv6' }],
  ['icmp and host 10.0.0.2',               { proto: 'icmp', host: '10.0.0.2' }],
  ['tcp && port 80',                       { proto: 'tcp', port: 80 }],
  ['src 10.0.0.1 dst host fd00::2',        { src: '10.0.0.1', dst: 'fd00::2' }],
  ['src host 10.0.0.1 dst 10.0.0.2',       { src: '10.0.0.1', dst: '10.0.0.2' }],
  ['ether host 02:00:00:00:00:01',         { ether: '02:00:00:00:00:01' }],
  ['arp on h1',                            { proto: 'arp', node: 'h1' }],
  ['on h1:eth0',                           { node: 'h1', device: 'eth0' }],
  ['port 0',                               { port: 0 }],
  ['port 65535',                           { port: 65535 }],
])('"trace %s" is that filter', (line, filter) => {
  expect(read(line)).toEqual(filter);
});

test('a filter in one word, quoted as for tcpdump, is the same as one in many', () => {
  expect(readTraceWords(['icmp and host 10.0.0.2'])).toEqual(read('icmp and host 10.0.0.2'));
});

// biome-ignore format: one mistake a line
test.each([
  ['from 10.0.0.2',            '"from" is no word of a filter'],
  ['not icmp',                 '"not" is no word of a filter'],
  ['icmp or arp',              '"or" is no word of a filter'],
  ['icmp tcp',                 '"proto" is said twice'],
  ['host 10.0.0.1 host 10.0.0.2', '"host" is said twice'],
  ['on h1 on h2',              '"node" is said twice'],
  ['host',                     'a value is missing behind "host"'],
  ['src host',                 'a value is missing behind "src"'],
  ['ether 02:00:00:00:00:01',  'behind "ether" comes "host MAC"'],
  ['ether host',               'a value is missing behind "ether host"'],
  ['port http',                '"http" is no port: 0 to 65535'],
  ['port 65536',               '"65536" is no port: 0 to 65535'],
  ['port -1',                  '"-1" is no port'],
  ['on :eth0',                 '":eth0" is no NODE or NODE:DEV'],
  ['on h1:',                   '"h1:" is no NODE or NODE:DEV'],
  ['on h1:eth0:1',             '"h1:eth0:1" is no NODE or NODE:DEV'],
  ['constructor',              '"constructor" is no word of a filter'],
])('"trace %s" is refused with 1, the reason and the grammar', (line, text) => {
  const error = refusalOf(() => read(line));
  expect(error.message).toMatch(/^etherloom trace: .*; a filter is \[arp\|icmp\|icmp6\|tcp\|udp\]/);
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
