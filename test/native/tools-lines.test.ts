/** A line given to the real tools and to ours: both make the same of it, or refuse it with the same words and exit code. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { optionsJson, optionsText } from '../../packages/cli/src/format/tc-options.ts';
import type { ShownQdisc } from '../../packages/cli/src/format/tc-qdisc.ts';
import { readEthtoolWords } from '../../packages/cli/src/words/ethtool-words.ts';
import { readIpWords } from '../../packages/cli/src/words/ip-words.ts';
import { readTcWords } from '../../packages/cli/src/words/tc-words.ts';
import { describeWith } from '../requirements.ts';
import { TcOracle, words } from './tc-oracle.ts';
import { real, setUpTools, stdout, tearDownTools } from './tools-bed.ts';

describeWith(
  'ip, tc and ethtool take the lines the real ones take',
  ['root', 'tun', 'netns', 'ethtool', 'strace'],
  () => {
    const oracle = new TcOracle(real);

    beforeAll(setUpTools);
    afterAll(() => {
      oracle.close();
      tearDownTools();
    });

    describe('a line of tc is understood and told as tc does:', () => {
      test.each([
        'pfifo limit 100',
        'bfifo limit 10k',
        'prio',
        'prio bands 4 priomap 3 2 1 0',
        'fq_codel limit 1000 flows 512 quantum 300 target 3ms ce_threshold 1ms interval 50ms memory_limit 4mb ecn',
        'netem',
        'netem delay 100ms',
        'netem delay 100ms 10ms',
        'netem delay 1.5s 10ms 25% distribution normal',
        'netem latency 100ms 10ms 33.3%',
        'netem delay 1234us 1ms',
        'netem loss 0.3% 25%',
        'netem drop random 10',
        'netem loss state 1%',
        'netem loss state 1% 20% 3% 40% 5%',
        'netem loss gemodel 1%',
        'netem loss gemodel 1% 10% 70% 0.1% ecn',
        'netem loss 0.01% duplicate 1% 2% corrupt 0.1% 5%',
        'netem delay 10ms reorder 25% 50%',
        'netem delay 10ms reorder 25% gap 5',
        'netem rate 1mbit',
        'netem rate 1234567bit 10 40 5',
        'netem rate 100kbit -5 0 -3',
        'netem rate 40gbit',
        'netem slot 800us 1ms packets 10 bytes 2k',
        'netem slot 800us',
        'netem slot distribution pareto 10ms 1ms packets 5',
        'netem limit 5 delay 3.2ms',
      ])('%s', async (line) => {
        const asked = `qdisc add dev tap0 root handle 1: ${line}`;
        const { kind, options } = readTcWords(words(asked)).command as unknown as Asked;
        const text = `qdisc ${kind} 1: dev tap0 root refcnt 2 ${optionsText(kind, options, false)}`;
        expect(text.trimEnd()).toBe((await oracle.shown(asked)).trimEnd());
        // A kernel that has this qdisc has been given it by now, and says in JSON what it took.
        const dump: ShownQdisc[] = JSON.parse(await stdout('tc -j qdisc show dev tap0 root'));
        const taken = dump.find((each) => each.kind === kind && each.handle === '1:');
        await real('tc', 'qdisc', 'del', 'dev', 'tap0', 'root');
        if (taken === undefined) return;
        expect(rounded(taken.options)).toMatchObject(rounded(optionsJson(kind, options, false)) as object);
      });

      test('a limit of tbf is what tc computes from a latency', async () => {
        for (const line of [
          'tbf rate 1mbit burst 10k latency 50ms',
          'tbf rate 10mbit burst 32kb lat 400ms peakrate 20mbit mtu 2000',
          'tbf rate 8mbps buffer 100k limit 1mb',
        ]) {
          const asked = `qdisc add dev tap0 root handle 1: ${line}`;
          const { options } = readTcWords(words(asked)).command as unknown as Asked;
          const { rate, burst, limit } = options as Record<'rate' | 'burst' | 'limit', number>;
          await real('tc', ...words(asked.replace('add', 'replace')));
          const [dump] = JSON.parse(await stdout('tc -j qdisc show dev tap0 root'));
          await real('tc', 'qdisc', 'del', 'dev', 'tap0', 'root');
          const theirs = dump.options;
          expect(rate).toBe(theirs.rate);
          expect(Math.abs(burst - theirs.burst)).toBeLessThanOrEqual(2);
          expect((((limit - burst) / rate) * 1e6) / theirs.lat).toBeCloseTo(1, 1);
        }
      });
    });

    describe('a mistake is answered as the real tool answers it:', () => {
      test.each([
        'qdisc add dev v0 root foo bar',
        'qdisc add dev v0 root pfifo_fast foo',
        'qdisc add dev v0 root pfifo foo',
        'qdisc add dev v0 root pfifo limit z',
        'qdisc add dev v0 root pfifo limit',
        'qdisc add dev v0 root netem foo',
        'qdisc add dev v0 root netem loss 101%',
        'qdisc add dev v0 root netem loss foo',
        'qdisc add dev v0 root netem loss',
        'qdisc add dev v0 root netem delay x',
        'qdisc add dev v0 root netem gap 5',
        'qdisc add dev v0 root netem reorder 5%',
        'qdisc add dev v0 root netem distribution normal',
        'qdisc add dev v0 root netem ecn',
        'qdisc add dev v0 root netem rate x',
        'qdisc add dev v0 root netem slot foo',
        'qdisc add dev v0 root prio foo',
        'qdisc add dev v0 root prio priomap 5',
        'qdisc add dev v0 root fq_codel limit x',
        'qdisc add dev v0 root tbf foo',
        'qdisc add dev v0 root tbf rate x',
        'qdisc add dev v0 root tbf rate 1mbit',
        'qdisc add dev v0 root handle zz: pfifo',
        'qdisc add dev v0 parent zz pfifo',
        'qdisc add dev v0 root root pfifo',
        'qdisc add dev v0 dev v1 root pfifo',
        'qdisc show foo',
      ])('tc %s', async (line) => {
        const theirs = await real('tc', ...words(line));
        const ours = refusalOf(() => readTcWords(words(line)));
        expect(firstLine(ours.message)).toBe(firstLine(theirs.stderr));
        expect(ours.exitCode).toBe(theirs.code);
      });

      test.each([
        'link set',
        'link set dev',
        'link set v0 mtu abc',
        'link set v0 mtu',
        'link set v0 mtu 1400 mtu 1300',
        'link set v0 foo',
        'link set v0 promisc yes',
        'link set v0 address zz',
        'link set v0 mode foo',
        'link set v0 group foo',
        'link show v0 v1',
        'neigh show foo',
        'neigh show nud foo',
      ])('ip %s', async (line) => {
        const theirs = await real('ip', ...words(line));
        const ours = refusalOf(() => readIpWords(words(line)));
        expect(firstLine(ours.message)).toBe(firstLine(theirs.stderr));
        expect(ours.exitCode).toBe(theirs.code);
      });

      test.each([
        '',
        '-z v0',
        '-k v0 x',
        '-G v0 rx',
        '-G v0 rx -1',
        '-G v0 foo 1',
        '-G v0 rx 5 rx 6',
        '--set-ring v0 rx x',
        '-C v0 foo',
        '-C v0 rx-usecs 1.5',
        '-L v0 rx',
        '-s v0 speed x',
        '-s v0 speed 4294967296',
        '-s v0 duplex foo',
        '-s v0 autoneg maybe',
        '-A v0 rx foo',
        '-K v0',
      ])('ethtool %s', async (line) => {
        const theirs = await real('ethtool', ...words(line));
        const ours = refusalOf(() => readEthtoolWords(words(line)));
        expect(firstLine(ours.message)).toBe(firstLine(theirs.stderr || theirs.stdout));
        expect(ours.exitCode).toBe(theirs.code);
      });
    });
  },
);

type Values = Readonly<Record<string, unknown>>;

interface Asked {
  readonly kind: string;
  readonly options: Values;
}

/** To the six digits tc prints fractions with. */
function rounded(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, each) =>
    typeof each === 'number' && !Number.isInteger(each) ? Number(each.toPrecision(4)) : each,
  );
}

function firstLine(text: string): string {
  return text.trimStart().split('\n', 1)[0]!;
}

function refusalOf(run: () => unknown): { message: string; exitCode: number } {
  try {
    run();
  } catch (error) {
    return error as { message: string; exitCode: number };
  }
  throw new Error('not refused');
}
