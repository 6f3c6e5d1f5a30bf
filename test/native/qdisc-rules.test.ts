/**
 * The same lines of `tc qdisc` on a Linux veth and on a device of ours: the same refusals, and the same trees afterwards.
 * What holds these rules without root and Linux is the table of sch-api.test.ts; this test holds the table.
 */

import { devOpen, Net, NetError, qdiscShow, tcDeleteQdisc, tcModifyQdisc } from '@etherloom/netcore';
import { createNetns, deleteNetns } from '@etherloom/tap';
import { SinkNic, VirtualHost } from '@etherloom/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../requirements.ts';
import { run } from '../support/program.ts';

const NETNS = 'el-qdisc-rules';
const TBF = 'rate 1000000bit burst 10240 latency 50ms';
const TBF_OPTIONS = { rate: 125_000, burst: 10_240, lat: 50_000 };

/** `add root handle 1: pfifo limit 5` on our device; what it answered. */
function ours(dev: SinkNic['dev'], line: string): string {
  const [mode = '', ...words] = line.split(' ');
  const after = (word: string) => (words.includes(word) ? words[words.indexOf(word) + 1] : undefined);
  const kind = words.find((word) => ['pfifo', 'bfifo', 'pfifo_fast', 'tbf'].includes(word));
  const limit = after('limit');
  const options = kind === 'tbf' ? TBF_OPTIONS : limit === undefined ? {} : { limit: Number(limit) };
  const place = {
    kind,
    handle: after('handle'),
    parent: after('parent') ?? (words.includes('root') ? 'root' : undefined),
  };
  try {
    if (mode === 'del') tcDeleteQdisc(dev, place);
    else tcModifyQdisc(dev, { ...place, mode: mode as 'add' | 'replace' | 'change', options });
    return 'done';
  } catch (error) {
    if (error instanceof NetError) return error.message;
    throw error;
  }
}

async function linux(line: string): Promise<string> {
  const [mode = '', ...words] = line.split(' ');
  const options = words.at(-1) === 'tbf' && mode !== 'del' ? TBF.split(' ') : [];
  const done = await run('tc', ['-n', NETNS, 'qdisc', mode, 'dev', 'v0', ...words, ...options]);
  return done.code === 0 ? 'done' : (/^Error: (.*)\.$/m.exec(done.stderr)?.[1] ?? done.stderr);
}

/** Handles that were given are numbers of the day, and a default is the kind of device's. */
function tree(shown: readonly { kind: string; handle: string; parent?: string }[]): string[] {
  return shown
    .filter(({ handle }) => handle !== '0:')
    .map(
      ({ kind, handle, parent = 'root' }) => `${kind} ${handle.length === 5 ? 'given' : handle} ${parent}`,
    );
}

async function linuxTree(): Promise<string[]> {
  const { stdout } = await run('tc', ['-n', NETNS, '-j', 'qdisc', 'show', 'dev', 'v0']);
  return tree(JSON.parse(stdout) as { kind: string; handle: string; parent?: string }[]);
}

describeWith('qdiscs answer as those of Linux', ['root', 'netns'], () => {
  beforeAll(() => createNetns(NETNS));
  afterAll(() => deleteNetns(NETNS));

  const ROOT = 'add root handle 1: pfifo';
  const TREE = ['add root handle 1: tbf', 'add parent 1:1 handle 8: pfifo'];
  // biome-ignore format: one script a line
  test.each<[string, string[]]>([
    ['a handle is given',                     ['add root pfifo']],
    ['or asked for',                          [ROOT]],
    ['added again',                           [ROOT, ROOT, 'add root pfifo', 'add root handle 2: pfifo']],
    ['changed under another handle',          [ROOT, 'change root handle 2: pfifo']],
    ['another kind takes the place',          [ROOT, 'add root bfifo', 'change root pfifo']],
    ['a handle keeps its kind',               [ROOT, 'change root handle 1: bfifo', 'replace root handle 1: bfifo', 'change handle 1: bfifo']],
    ['replaced',                              [ROOT, 'replace root pfifo', 'replace root handle 2: pfifo']],
    ['what is not there is not changed',      ['change root pfifo limit 5', 'change handle 9: pfifo']],
    ['changed by its handle',                 [ROOT, 'change handle 1: pfifo limit 5']],
    ['children of nobody',                    ['add parent 3:1 pfifo', ROOT, 'add parent 1:1 pfifo']],
    ['any class of tbf is its one',           ['add root handle 1: tbf', 'add parent 1:7 pfifo', 'del parent 1:2']],
    ['a child added again',                   [...TREE, 'add parent 1:1 handle 8: pfifo', 'add parent 1:1 handle 9: pfifo']],
    ['a qdisc is not moved',                  [...TREE, 'replace parent 1:1 handle 1: tbf', 'replace root handle 8: pfifo']],
    ['pfifo_fast takes no change of nothing', ['add root handle 1: pfifo_fast', 'change root pfifo_fast']],
    ['a default is not deleted',              ['del root', 'del root bfifo']],
    ['deleted',                               [ROOT, 'del root handle 2:', 'del root bfifo', 'del handle 2:', 'del parent 3:1', 'del parent 1:1', 'del root', 'del root']],
    ['a child deleted, and made anew',        [...TREE, 'del parent 1:1', 'del parent 1:1', 'change root handle 1: tbf', 'add parent 1:1 bfifo']],
    ['all below go with the root',            [...TREE, 'del root', 'add root handle 8: bfifo']],
  ])('%s', async (_name, script) => {
    const { dev } = new SinkNic(new Net(new VirtualHost()));
    devOpen(dev);
    await run('ip', ['-n', NETNS, 'link', 'add', 'v0', 'up', 'type', 'veth', 'peer', 'name', 'v1']);
    try {
      for (const line of script) {
        const told = await linux(line);
        const answer = ours(dev, line);
        expect([line, answer.startsWith(told) ? told : answer]).toEqual([line, told]);
        expect([line, tree(qdiscShow(dev))]).toEqual([line, await linuxTree()]);
      }
    } finally {
      await run('ip', ['-n', NETNS, 'link', 'del', 'v0']);
    }
  });
});
