import {
  devChangeCarrier,
  devOpen,
  devSetMacAddress,
  Net,
  type NetDevice,
  type NetDeviceOps,
  type NetdevQueue,
  NetError,
  netifCarrierOff,
  netifCarrierOk,
  netifCarrierOn,
} from '@etherloom/netcore';
import { SinkNic, VirtualHost } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { Patch } from './kernel-patch.ts';

const setCarrier = (dev: NetDevice, on: boolean) => (on ? netifCarrierOn(dev) : netifCarrierOff(dev));

type Ops = Partial<NetDeviceOps>;

/** A cable, whose wire decides on its carrier, and a host that is told of gates; both by drivers of the test. */
function bench({ cable = {}, host = {} }: { cable?: Ops; host?: Ops } = {}) {
  const machine = new VirtualHost();
  const net = new Net(machine);
  const gates: (NetdevQueue | null)[] = [];
  const device = (ops: Ops) => {
    const { dev } = new SinkNic(net);
    dev.netdevOps = {
      ...dev.netdevOps,
      ndoChangeCarrier: setCarrier,
      ndoSetMacAddress: (to, address) => to.devAddr.set(address),
      ...ops,
    };
    devOpen(dev);
    return dev;
  };
  const ends = {
    cable: device(cable),
    host: device({ ndoSetRxGate: (_dev, gate) => void gates.push(gate), ...host }),
  };
  const join = () => new Patch(ends.cable, ends.host, () => {});
  return { ...ends, gates, join, settle: () => machine.advance(2000) };
}

test('the host receives nothing while the queue of the cable is stopped, until the patch is taken out', () => {
  const { cable, gates, join } = bench();
  const patch = join();
  expect(gates).toEqual([cable.txq[0]]);
  patch.remove();
  patch.remove();
  expect(gates).toEqual([cable.txq[0], null]);
});

test('where the wire does not follow the host, the host follows the wire', () => {
  const { cable, host, join, settle } = bench({ cable: { ndoChangeCarrier: () => {} } });
  join();
  settle();
  devChangeCarrier(host, false);
  settle();
  expect([netifCarrierOk(cable), netifCarrierOk(host)]).toEqual([true, true]);
});

test('a MAC address that the other end refuses is not kept by the one that took it', () => {
  const busy = () => {
    throw new NetError('EBUSY', 'not now');
  };
  const { cable, host, join } = bench({ host: { ndoSetMacAddress: busy } });
  join();
  devSetMacAddress(cable, host.devAddr);
  devSetMacAddress(cable, Uint8Array.of(2, 0, 0, 0, 0, 0x11));
  expect([...cable.devAddr]).toEqual([...host.devAddr]);
});
