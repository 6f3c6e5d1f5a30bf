/** Nodes with Linux interfaces: from afar our tools print what the real ones print in the node's own namespace. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../requirements.ts';
import { inProcess } from '../support/command-line.ts';
import { run } from '../support/program.ts';
import { type Up, up } from '../support/up.ts';
import { words } from './tc-oracle.ts';

describeWith('the tools on a node with Linux interfaces', ['root', 'tun', 'netns'], () => {
  let lab: Up;

  beforeAll(async () => {
    lab = await up('examples/three-hosts-kernel.yaml');
    await run('ip', ['netns', 'exec', 'h1', 'ping', '-c', '1', '-W', '2', '10.0.0.2']);
  });

  afterAll(async () => {
    await lab?.stop().catch(() => {});
  });

  test.each([
    ['ip', 'link'],
    ['ip', '-br link'],
    ['ip', 'addr'],
    ['ip', '-j addr'],
    ['ip', '-j -p addr'],
    ['ip', '-o -4 addr show dev eth0'],
    ['ip', '-br addr'],
    ['ip', 'neigh'],
    ['ip', '-j neigh show dev eth0'],
    ['ip', '-c link'],
    ['ip', '-br -c link'],
    ['ip', '-c addr'],
    ['ip', '-c -o -4 addr'],
    ['ip', '-c -br addr'],
    ['ip', '-c -j addr'],
    ['ip', '-c neigh'],
    ['ip', '-c -br neigh'],
    ['ip', 'l sh up nomaster'],
    ['ip', 'link show group default'],
    ['ip', 'addr show permanent'],
    ['ip', '-br addr show dynamic'],
    ['ip', 'addr show scope link'],
    ['ip', 'addr show to 10/8'],
    ['ip', 'addr show label eth0'],
    ['ip', '-br addr show type dummy'],
    ['ip', 'neigh show 10/8'],
    ['ip', 'neigh show unused'],
    ['ip', 'neigh show nud 0x2'],
    ['ip', '-s neigh'],
    ['ip', '-j -s neigh show dev eth0'],
    ['ip', 'neigh show proxy'],
    ['ip', '-6 neigh'],
    ['tc', '-color qdisc'],
    ['tc', 'qdisc show dev eth0 parent 1:1'],
    ['tc', 'qdisc show dev eth0 ingress'],
    ['tc', 'qdisc show root'],
    ['tc', 'qdisc'],
    ['tc', '-j qdisc show dev eth0'],
  ])('%s %s', async (tool, line) => {
    let [mine, theirs] = ['', '-'];
    // What a neighbour's state is may change while we look.
    for (let attempt = 0; attempt < 5 && mine !== theirs; attempt++) {
      theirs = (await run('ip', ['netns', 'exec', 'h1', tool, ...words(line)])).stdout;
      mine = (await inProcess([tool, '-n', 'h1', ...words(line)], lab.url)).stdout;
    }
    expect(mine.trimEnd()).toBe(theirs.trimEnd());
  });

  test('tc -o qdisc has no line breaks', async () => {
    const theirs = (await run('ip', ['netns', 'exec', 'h1', 'tc', '-o', 'qdisc'])).stdout;
    const mine = (await inProcess(['tc', '-n', 'h1', '-o', 'qdisc'], lab.url)).stdout;
    expect(`${mine.trimEnd()}\\`.replaceAll(' \\', '\\')).toBe(theirs.replaceAll(' \\', '\\'));
  });

  test.each([
    'link set eth0 nosuch',
    'link show nosuch',
    'addr show dev nosuch',
    'neigh show dev nosuch',
    'neigh foo',
    'foo',
  ])(
    'ip %s is refused on stderr with the same line and the same code, and stdout stays empty',
    async (line) => {
      const theirs = await run('ip', ['netns', 'exec', 'h1', 'ip', '-j', ...words(line)]);
      const mine = await lab.cli('ip', '-j', '-n', 'h1', ...words(line));
      const own = mine.stderr
        .replace('try "etherloom ip --help"', 'try "ip help"')
        .replace('"etherloom ', '"');
      expect({ ...mine, stderr: own }).toEqual(theirs);
    },
  );
});
