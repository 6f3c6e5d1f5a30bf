/** The texts are what ethtool 6.1 printed of a veth device, without the features that we have no bit for. */
import { expect, test } from 'vitest';
import { featureChanges } from './feature-changes.ts';

const feature = (active: boolean) => ({ active, fixed: false, requested: active });
const off = { active: false, fixed: true, requested: false };
const sum = (active: boolean) => ({ active, fixed: null, requested: null });

const features = (tx: boolean, tso: boolean, gro = true) => ({
  'tx-checksumming': sum(tx),
  'tx-checksum-ipv4': off,
  'tx-checksum-ip-generic': feature(tx),
  'tcp-segmentation-offload': sum(tso),
  'tx-tcp-segmentation': feature(tso),
  'generic-receive-offload': feature(gro),
  'large-receive-offload': off,
});

test('what was asked and done is not told, by short name, long name or that of the kernel', () => {
  for (const name of ['tso', 'tcp-segmentation-offload', 'tx-tcp-segmentation'])
    expect(featureChanges(features(true, true), features(true, false), { [name]: false })).toBeNull();
  expect(featureChanges(features(true, true), features(true, true, false), { gro: false })).toBeNull();
});

test('what went along is told, with all that changed', () => {
  expect(featureChanges(features(true, true), features(false, false), { tx: false })).toBe(
    'Actual changes:\ntx-checksum-ip-generic: off\ntx-tcp-segmentation: off [not requested]',
  );
});

test('what could not be done is told, by the name the kernel has for it', () => {
  expect(featureChanges(features(true, true), features(true, true, false), { lro: true, gro: false })).toBe(
    'Actual changes:\nrx-gro: off\nrx-lro: off [requested on]',
  );
});

test('nothing asked and nothing changed is nothing to tell', () => {
  expect(featureChanges(features(true, true), features(true, true), { gro: true })).toBeNull();
});
