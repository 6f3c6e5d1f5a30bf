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
});
