/** What `etherloom tc --help` adds. */
export const TC_HELP = `
As tc(8) of iproute2; -n NODE picks the node, as it picks a namespace there. DEV may be written NODE:DEV.
Options: -j (JSON), -p (pretty), -s (statistics), -d (details), -o (one line)
  etherloom tc qdisc [show] [dev DEV] [root | parent CLASSID | handle HANDLE]
  etherloom tc qdisc { add | replace | change | del } dev DEV { root | parent CLASSID } [handle HANDLE] [KIND OPTIONS]
    pfifo|bfifo   [limit N]
    pfifo_fast
    tbf           rate RATE burst BYTES { latency TIME | limit BYTES } [peakrate RATE mtu BYTES] [mpu N] [overhead N]
    prio          [bands N] [priomap P1 P2 ...]
    fq_codel      [limit N] [flows N] [target TIME] [interval TIME] [quantum N] [memory_limit BYTES] [[no]ecn]
                  [ce_threshold TIME] [drop_batch N]
    netem         [limit N] [delay TIME [JITTER [CORRELATION]]] [distribution uniform|normal|pareto|paretonormal]
                  [loss random PERCENT [CORRELATION] | loss state P13 [P31 [P32 [P23 [P14]]]] |
                   loss gemodel P [R [1-H [1-K]]]] [ecn] [corrupt PERCENT [CORRELATION]]
                  [duplicate PERCENT [CORRELATION]] [reorder PERCENT [CORRELATION] [gap N]]
                  [rate RATE [OVERHEAD [CELL [CELLOVERHEAD]]]] [seed N]
                  [slot MIN [MAX] | slot distribution NAME DELAY JITTER [packets N] [bytes N]]
Units are tc's: 10ms, 100us, 2s (a plain number: microseconds); 20mbit, 64kbit, 2mbps (megabytes a second);
10k (1024s of bytes); 0.5%. Exit code 1: the words make no sense, 2: the kernel refused.

Examples:
  etherloom tc -s qdisc
  etherloom tc qdisc add dev h1:eth0 root netem delay 100ms 10ms 25% distribution normal loss 0.3%
  etherloom tc -n h1 qdisc replace dev eth0 root tbf rate 1mbit burst 10k latency 50ms
  etherloom tc -n h1 qdisc add dev eth0 root handle 1: prio
  etherloom tc -n h1 qdisc add dev eth0 parent 1:3 netem loss gemodel 1% 10% 70% 0.1%
  etherloom tc -n h1 qdisc del dev eth0 root`;
