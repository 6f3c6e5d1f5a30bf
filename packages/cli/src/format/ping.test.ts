import { expect, test } from 'vitest';
import { pingHead, pingReply, pingSummary } from './ping.ts';

test('the head is that of ping', () => {
  expect(pingHead('h2', '10.0.0.2', 56)).toBe('PING h2 (10.0.0.2) 56(84) bytes of data.');
  expect(pingHead('h2', 'fd00::2', 56)).toBe('PING h2(fd00::2) 56 data bytes');
});

// biome-ignore format: one time a line
test.each([
  [0.000045, '0.045'], [0.000879, '0.879'], [0.00212, '2.12'], [0.0401, '40.1'], [0.1234, '123'],
])('a reply after %d s is shown as %s ms', (seconds, shown) => {
  expect(pingReply('10.0.0.2', 56, 1, seconds)).toBe(`64 bytes from 10.0.0.2: icmp_seq=1 time=${shown} ms`);
});

test('the summary is that of ping', () => {
  const tally = {
    target: '127.0.0.1',
    sent: 2,
    received: 2,
    errors: 0,
    elapsedMs: 200.4,
    rtts: [0.000879, 0.000045],
  };
  expect(pingSummary(tally)).toBe(
    [
      '--- 127.0.0.1 ping statistics ---',
      '2 packets transmitted, 2 received, 0% packet loss, time 200ms',
      'rtt min/avg/max/mdev = 0.045/0.462/0.879/0.417 ms',
    ].join('\n'),
  );
});

test('losses and errors are counted as ping counts them', () => {
  const tally = { target: '10.9.9.9', sent: 3, received: 0, errors: 1, elapsedMs: 0, rtts: [] };
  expect(pingSummary(tally).split('\n')[1]).toBe(
    '3 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms',
  );
  expect(pingSummary({ ...tally, received: 2, errors: 0 })).toContain('33.3333% packet loss');
});
