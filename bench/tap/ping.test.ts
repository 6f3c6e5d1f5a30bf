import { expect, test } from 'vitest';
import { parsePing, quantile } from './ping.ts';

const text = `PING 10.77.0.2 (10.77.0.2) 56(84) bytes of data.
64 bytes from 10.77.0.2: icmp_seq=1 ttl=64 time=0.251 ms
64 bytes from 10.77.0.2: icmp_seq=3 ttl=64 time=12 ms

--- 10.77.0.2 ping statistics ---
3 packets transmitted, 2 received, 33.3333% packet loss, time 20ms
rtt min/avg/max/mdev = 0.251/6.125/12.000/5.874 ms
`;

test('each answer has its time, and a lost one none', () => {
  expect(parsePing(text)).toEqual({ sent: 3, times: [0.251, 12] });
});

test('an answer whose line cannot be read is not left out in silence', () => {
  expect(() => parsePing(text.replace('time=12 ms', 'time<1 ms'))).toThrow('2 answers, 1 times');
});

test('what is not the output of ping is refused', () => {
  expect(() => parsePing('ping: connect: Network is unreachable\n')).toThrow('no summary');
});

test('a quantile is a value that was measured', () => {
  const values = Array.from({ length: 200 }, (_, i) => 200 - i);
  expect(quantile(values, 0.99)).toBe(198);
  expect(quantile([7], 0.99)).toBe(7);
});
