/** The texts are what ethtool 6.1 printed of a virtio-net and a veth device. */
import { expect, test } from 'vitest';
import { channelsText, coalesceText, drvinfoText, featuresText, pauseText, ringText, statsText } from './ethtool.ts'; // biome-ignore format: one line of names
import { settingsText } from './ethtool-settings.ts';

const lines = (...each: string[]) => each.join('\n');

test('ring sizes', () => {
  expect(ringText('eth0', { 'rx-max': 256, 'tx-max': 256, rx: 256, tx: 128 })).toBe(
    lines(
      'Ring parameters for eth0:',
      'Pre-set maximums:',
      'RX:\t\t256',
      'RX Mini:\tn/a',
      'RX Jumbo:\tn/a',
      'TX:\t\t256',
      'Current hardware settings:',
      'RX:\t\t256',
      'RX Mini:\tn/a',
      'RX Jumbo:\tn/a',
      'TX:\t\t128',
      'RX Buf Len:\t\tn/a',
      'CQE Size:\t\tn/a',
      'TX Push:\toff',
      'TCP data split:\tn/a',
    ),
  );
});

test('channels', () => {
  expect(channelsText('eth0', { 'combined-max': 4, combined: 1 })).toBe(
    lines(
      'Channel parameters for eth0:',
      'Pre-set maximums:',
      'RX:\t\tn/a',
      'TX:\t\tn/a',
      'Other:\t\tn/a',
      'Combined:\t4',
      'Current hardware settings:',
      'RX:\t\tn/a',
      'TX:\t\tn/a',
      'Other:\t\tn/a',
      'Combined:\t1',
    ),
  );
});

test('coalescing: five groups, and an empty line at the end', () => {
  const text = coalesceText('eth0', { 'adaptive-rx': false, 'rx-usecs': 50, 'rx-frames': 64, 'tx-usecs': 0, 'tx-frames': 1 }); // biome-ignore format: one line of text
  expect(text.split('\n').slice(0, 17)).toEqual([
    'Coalesce parameters for eth0:',
    'Adaptive RX: off  TX: n/a',
    'stats-block-usecs: n/a',
    'sample-interval: n/a',
    'pkt-rate-low: n/a',
    'pkt-rate-high: n/a',
    '',
    'rx-usecs: 50',
    'rx-frames: 64',
    'rx-usecs-irq: n/a',
    'rx-frames-irq: n/a',
    '',
    'tx-usecs: 0',
    'tx-frames: 1',
    'tx-usecs-irq: n/a',
    'tx-frames-irq: n/a',
    '',
  ]);
  expect(text.endsWith('\n\nCQE mode RX: n/a  TX: n/a\n\n')).toBe(true);
});

test('pause', () => {
  expect(pauseText('eth0', { autonegotiate: false, rx: true, tx: false })).toBe(
    'Pause parameters for eth0:\nAutonegotiate:\toff\nRX:\t\ton\nTX:\t\toff\n\n',
  );
});

test('driver and statistics', () => {
  expect(drvinfoText({ driver: 'wslink', version: '1.0', 'bus-info': '' })).toBe(
    'driver: wslink\nversion: 1.0\nbus-info: ',
  );
  expect(statsText({ rx_ring_full: 3, napi_polls: 0 })).toBe(
    'NIC statistics:\n     rx_ring_full: 3\n     napi_polls: 0',
  );
});

test('features: what a line sums up is set off by a tab; fixed and requested are told', () => {
  const on = { active: true, fixed: false, requested: true };
  const sum = { active: true, fixed: null, requested: null };
  expect(
    featuresText('eth0', {
      'rx-checksumming': { active: true, fixed: true, requested: false },
      'tx-checksumming': sum,
      'tx-checksum-ipv4': { active: false, fixed: true, requested: false },
      'tx-checksum-ip-generic': on,
      'scatter-gather': sum,
      'tx-scatter-gather': on,
      'generic-receive-offload': { active: false, fixed: false, requested: true },
    }),
  ).toBe(
    lines(
      'Features for eth0:',
      'rx-checksumming: on [fixed]',
      'tx-checksumming: on',
      '\ttx-checksum-ipv4: off [fixed]',
      '\ttx-checksum-ip-generic: on',
      'scatter-gather: on',
      '\ttx-scatter-gather: on',
      'generic-receive-offload: off [requested on]',
    ),
  );
});

const veth = {
  'supported-ports': [],
  'supports-auto-negotiation': false,
  speed: 10000,
  duplex: 'Full',
  'auto-negotiation': false,
  port: 'Twisted Pair',
  phyad: 0,
  transceiver: 'internal',
  'link-detected': true,
};

test('settings', () => {
  expect(settingsText('v0', veth)).toBe(
    lines(
      'Settings for v0:',
      '\tSupported ports: [  ]',
      '\tSupported link modes:   Not reported',
      '\tSupported pause frame use: No',
      '\tSupports auto-negotiation: No',
      '\tSupported FEC modes: Not reported',
      '\tAdvertised link modes:  Not reported',
      '\tAdvertised pause frame use: No',
      '\tAdvertised auto-negotiation: No',
      '\tAdvertised FEC modes: Not reported',
      '\tSpeed: 10000Mb/s',
      '\tDuplex: Full',
      '\tAuto-negotiation: off',
      '\tPort: Twisted Pair',
      '\tPHYAD: 0',
      '\tTransceiver: internal',
      '\tMDI-X: Unknown',
      '\tLink detected: yes',
    ),
  );
});

test('an unknown speed is said to be unknown, and a device without settings has a link or none', () => {
  const { speed: _, ...unknown } = { ...veth, port: 'Other', duplex: 'Unknown! (255)' };
  expect(settingsText('eth0', unknown)).toContain('\tSpeed: Unknown!\n\tDuplex: Unknown! (255)\n');
  expect(settingsText('lo', { 'link-detected': true })).toBe('Settings for lo:\n\tLink detected: yes');
});
