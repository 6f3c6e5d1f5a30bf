import { expect, test } from 'vitest';
import { parseIperf3 } from './iperf3.ts';

const report = (end: object): string => JSON.stringify({ start: {}, intervals: [], end });
const tcp = {
  sum_sent: { bits_per_second: 9e9, retransmits: 560 },
  sum_received: { bits_per_second: 3.7e9 },
  sender_tcp_congestion: 'cubic',
};

test('the rate is what the receiver counted', () => {
  expect(parseIperf3(report(tcp))).toEqual({ gbit: 3.7, retransmits: 560 });
});

test('the error of iperf3 is told in its own words', () => {
  expect(() => parseIperf3(JSON.stringify({ end: {}, error: 'unable to connect' }))).toThrow(
    'iperf3: unable to connect',
  );
});

test('a run with another congestion control than cubic is refused', () => {
  expect(() => parseIperf3(report({ ...tcp, sender_tcp_congestion: 'bbr' }))).toThrow('cubic');
});

test('a report without a rate is refused', () => {
  expect(() => parseIperf3(report({ ...tcp, sum_received: {} }))).toThrow('bits_per_second');
});
