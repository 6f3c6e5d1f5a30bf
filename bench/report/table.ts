/**
 * "What to reach": the bars, and how a run is compared with them. A row has one condition or more; its verdict is that of
 * the worst. Ids are those of the figures of the trials.
 */
export interface Condition {
  /** Figure that is compared. */
  readonly figure: string;
  readonly is: 'at least' | 'at most';
  readonly bar: number;
  readonly stretch: number;
  /** What bar and stretch count: 'Mpps', 'times vde_switch'. */
  readonly unit: string;
  /** Figures of the same run that are shown as the rival's; none when the bar is absolute. */
  readonly rivals?: readonly string[];
}

export interface Row {
  readonly what: string;
  readonly conditions: readonly Condition[];
}

const condition =
  (is: Condition['is']) =>
  (figure: string, bar: number, stretch: number, unit: string, ...rivals: string[]): Condition => ({
    figure,
    is,
    bar,
    stretch,
    unit,
    rivals,
  });
const atMost = condition('at most');
const atLeast = condition('at least');

export const rows: readonly Row[] = [
  {
    what: 'switch, 64-byte frames, two busy ports, real WebSockets: CPU of the switch process a frame',
    conditions: [
      atMost('switch-cpu-ns-64', 100, 67, 'ns', 'ladder-net-relay-cpu-ns', 'ladder-ws-batched-relay-cpu-ns'),
    ],
  },
  {
    what: 'generator device -> wslink -> switch -> wslink -> counting device, three processes',
    conditions: [
      atLeast('frames-mpps-64', 3, 6, 'Mpps', 'ladder-ws-batched-relay-mpps', 'ladder-ws-single-relay-mpps'),
    ],
  },
  {
    what: 'the same with 16 nodes fully meshed, batches interleaved',
    conditions: [atLeast('mesh-16-mpps', 1, 2.5, 'Mpps', 'mesh-16-relay-mpps')],
  },
  {
    what: 'two busy LANs on two workers against one worker, by CPU time',
    conditions: [
      atLeast(
        'workers-2-vs-1-times',
        1.7,
        1.9,
        'times one worker',
        'workers-cpu-ns-one',
        'workers-cpu-ns-listener',
        'workers-cpu-ns-other',
      ),
    ],
  },
  {
    what: 'bridge core alone, in process, 64 bytes, 2 ports',
    conditions: [
      atLeast(
        'bridge-core-2-ports-mpps',
        20,
        40,
        'Mpps',
        'bridge-core-2-ports-text-map-mpps',
        'bridge-core-2-ports-number-map-mpps',
      ),
    ],
  },
  {
    what: 'bridge core alone, 1,000 ports and 65,536 random MACs',
    conditions: [
      atLeast(
        'bridge-core-1000-ports-mpps',
        4,
        8,
        'Mpps',
        'bridge-core-1000-ports-text-map-mpps',
        'bridge-core-1000-ports-number-map-mpps',
      ),
    ],
  },
  {
    what: 'iperf3 TCP over two TAPs (kernel stacks, cubic), offloads on',
    conditions: [
      atLeast('iperf3-offloads-vs-vde', 5, 10, 'times vde_switch', 'iperf3-offloads-vde-gbit'),
      atLeast(
        'iperf3-offloads-vs-kernel-bridge',
        0.3,
        0.5,
        'times kernel bridge with veth',
        'iperf3-offloads-kernel-bridge-gbit',
      ),
    ],
  },
  {
    what: 'the same with offloads off everywhere (plain 1500-byte frames)',
    conditions: [atLeast('iperf3-plain-vs-vde', 1.5, 2.5, 'times vde_switch', 'iperf3-plain-vde-gbit')],
  },
  {
    what: 'ping over two TAPs, idle, median of 200 at 10 ms',
    conditions: [atMost('ping-idle-vs-vde', 4, 2, 'times vde_switch', 'ping-idle-vde-ms')],
  },
  {
    what: 'latency p99 at half of the no-drop rate',
    conditions: [atMost('latency-p99-half-ndr-ms', 3, 1, 'ms', 'latency-net-relay-p99-half-ndr-ms')],
  },
  {
    what: 'one broadcast to 1,000 ports',
    conditions: [
      atLeast(
        'broadcast-1000-copies-per-second',
        100_000,
        1_000_000,
        'copies/s',
        'broadcast-1000-ws-copies-per-second',
      ),
      atMost('broadcast-1000-latency-p99-ms', 100, 100, 'ms p99', 'broadcast-1000-ws-latency-p99-ms'),
    ],
  },
  {
    what: 'idle cost: 1,000 nodes on one switch',
    conditions: [
      atMost('idle-1000-kib-per-node', 64, 32, 'KiB a node', 'idle-1000-ws-kib-per-client'),
      atMost('idle-1000-core-percent', 2, 1, '% of a core', 'idle-1000-ws-core-percent'),
    ],
  },
  {
    what: 'control: apply a lab of 200 nodes and 200 links',
    conditions: [atMost('apply-200-seconds', 10, 5, 's', 'apply-200-kernel-seconds')],
  },
  {
    what: 'control: apply a lab of 1,000 nodes (user stack, --nodes-per-process 50)',
    conditions: [atMost('apply-1000-seconds', 60, 30, 's', 'apply-1000-kernel-seconds')],
  },
];
