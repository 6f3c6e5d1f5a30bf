/** What `etherloom tc --help` adds. */
import { grammarOf } from '../words/qdisc-grammar.ts';

/** A kind and its options, a column each. */
function kind(name: string): string {
  return `    ${name.padEnd(14)}${grammarOf(name).join(`\n${' '.repeat(18)}`)}`.trimEnd();
}

export const TC_HELP = `
As tc(8) of iproute2; -n NODE picks the node, as it picks a namespace there. DEV may be written NODE:DEV.
Options: -j (JSON), -p (pretty), -s (statistics), -d (details), -o (one line), -color[=auto|always|never],
         -b FILE (a line of words each, without "tc"; - is stdin), -f (go on behind a line that fails), -V (version)
  etherloom tc qdisc [show] [dev DEV] [root | parent CLASSID | handle HANDLE]
  etherloom tc qdisc { add | replace | change | del } dev DEV { root | parent CLASSID } [handle HANDLE] [KIND OPTIONS]
${['pfifo', 'bfifo', 'pfifo_fast', 'tbf', 'prio', 'fq_codel', 'netem'].map(kind).join('\n')}
Units are tc's: 10ms, 100us, 2s (a plain number: microseconds); 20mbit, 64kbit, 2mbps (megabytes a second);
10k (1024s of bytes); 0.5%. Exit code 1: the words make no sense, 2: the kernel refused.

Examples:
  etherloom tc -s qdisc
  etherloom tc qdisc add dev h1:eth0 root netem delay 100ms 10ms 25% distribution normal loss 0.3%
  etherloom tc -n h1 qdisc replace dev eth0 root tbf rate 1mbit burst 10k latency 50ms
  etherloom tc -n h1 qdisc add dev eth0 root handle 1: prio
  etherloom tc -n h1 qdisc add dev eth0 parent 1:3 netem loss gemodel 1% 10% 70% 0.1%
  etherloom tc -n h1 qdisc del dev eth0 root`;
