import { devChangeCarrier, devClose, devOpen, ipLinkShow, Net, rtnlNewLink } from '@etherloom/netcore';
import { VirtualHost } from '@etherloom/testkit';
import { createMemoryPair } from '@etherloom/transport';
import { expect, test } from 'vitest';
import { wslinkLinkOps } from './wslink.ts';

/** A device that is up, and the far end of its cable, which speaks for the switch. */
function up() {
  const host = new VirtualHost();
  const [near, far] = createMemoryPair((fn) => host.endOfTurn(fn), { mtu: 1500, highWater: 65536 });
  far.handler = { linkUp() {}, linkDown() {}, sent() {}, message() {}, control() {} };
  far.open();
  const dev = rtnlNewLink(new Net(host), wslinkLinkOps, { name: 'eth0', transport: near, epoch: 'e' });
  devOpen(dev);
  host.runTurns();
  return { host, near, far, dev };
}

type Wire = ReturnType<typeof up>;

// biome-ignore format: one case a line
test.each<[string, (wire: Wire) => unknown, string]>([
  ['the far end is up',                        () => 0,                                                          'UP'],
  ['the far end is down',                      ({ far }) => far.control({ type: 'carrier', on: false, lower: true }), 'LOWERLAYERDOWN'],
  ['the link is cut',                          ({ far }) => far.control({ type: 'carrier', on: false }),              'DOWN'],
  ['the link is cut while the far end is down', ({ far }) => [far.control({ type: 'carrier', on: false, lower: true }), far.control({ type: 'carrier', on: false })], 'DOWN'],
  ['the far end comes up again',               ({ far }) => [far.control({ type: 'carrier', on: false, lower: true }), far.control({ type: 'carrier', on: true })], 'UP'],
  ['its own plug is out, whatever the far end', ({ far, dev }) => [far.control({ type: 'carrier', on: false, lower: true }), devChangeCarrier(dev, false)], 'DOWN'],
  ['it is down itself',                        ({ far, dev }) => [far.control({ type: 'carrier', on: false, lower: true }), devClose(dev)], 'DOWN'],
  ['the cable to the switch is gone',          ({ far, near }) => [far.control({ type: 'carrier', on: false, lower: true }), near.close()], 'DOWN'],
])('%s: the device is what an end of a veth pair would be', (_name, act, state) => {
  const wire = up();
  act(wire);
  wire.host.runTurns();
  expect(ipLinkShow(wire.dev).operstate).toBe(state);
});
