import { expect, test } from 'vitest';
import { bridgeLoad, STRIDE } from './bridge-load.ts';

test('every frame of the load goes to the one port where its station is, and never back', () => {
  const { bridge, ports, frames, perPort, expected } = bridgeLoad(10, 105, 20);
  for (let k = 0; k < expected.length; k++) {
    const from = ports[Math.floor(k / perPort)]!;
    expect(expected[k]).not.toBe(from.no);
    expect(bridge.decide(from, frames, k * STRIDE, 60, 0)).toBe(expected[k]);
  }
});
