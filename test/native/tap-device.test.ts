/** The tap driver by itself, against the Linux interface on its other side. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ETH_P_IP, IPPROTO_ICMP, IPV4_HLEN, parseIpv4, putIpv4 } from '@etherloom/frame';
import {
  consumeSkb,
  devClose,
  devOpen,
  devQueueXmit,
  dropsByReason,
  Net,
  type NetDevice,
  rtnlNewLink,
} from '@etherloom/netcore';
import { createNetns, deleteNetns, tapLinkOps, tapPriv } from '@etherloom/tap';
import { ethernetFrame, l4Frame, mac } from '@etherloom/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeHost } from '../../packages/node/src/node-host.ts';
import { setSpeed } from '../../packages/tap/src/ethtool-ioctl.ts';
import { encodeEchoRequest } from '../../packages/tap/src/icmp-message.ts';
import { AF_INET } from '../../packages/tap/src/libc.ts';
import { describeWith, testWith } from '../requirements.ts';
import { run } from '../support/program.ts';
import { until } from '../support/until.ts';

/** An echo request from 10.8.0.2, which is us, to 10.8.0.1, which is Linux. */
function echoRequest(size: number): Uint8Array {
  const icmp = encodeEchoRequest(AF_INET, 1, 1, size);
  const payload = new Uint8Array(IPV4_HLEN + icmp.length);
  putIpv4(payload, 0, payload.length, 0, 0, 64, IPPROTO_ICMP, parseIpv4('10.8.0.2')!, parseIpv4('10.8.0.1')!);
  payload.set(icmp, IPV4_HLEN);
  return ethernetFrame({ dst: mac(1), src: mac(2), type: ETH_P_IP, payload });
}

function send(dev: NetDevice, frame: Uint8Array): number {
  const skb = dev.pool.alloc(frame.length)!;
  const at = skb.put(frame.length);
  for (let i = 0; i < frame.length; i++) skb.buf[at + i] = frame[i]!;
  skb.dev = dev;
  return devQueueXmit(skb);
}

for (const offload of [false, true])
  describeWith(`the tap driver ${offload ? 'with' : 'without'} offloads`, ['root', 'tun', 'netns'], () => {
    const net = new Net(nodeHost);
    let dev: NetDevice;
    let heard = 0;

    /** Sends a frame and receives, in this turn, what Linux has answered to it. */
    const exchange = (frame: Uint8Array): number => {
      const before = heard;
      expect(send(dev, frame)).toBe(0);
      net.irq(interrupt);
      return heard - before;
    };
    const interrupt = (): void => {
      tapPriv(dev).napi.schedule();
    };

    /** Bytes of heap a frame leaves behind, there and back, 64 to an interrupt (which reads the clock: numbers on the heap). */
    const heapPerFrame = (frame: Uint8Array): number => {
      globalThis.gc?.();
      const before = process.memoryUsage().heapUsed;
      for (let i = 0; i < 400; i++) {
        for (let j = 0; j < 64; j++) send(dev, frame);
        net.irq(interrupt);
      }
      return (process.memoryUsage().heapUsed - before) / (400 * 64);
    };

    beforeAll(async () => {
      const netns = createNetns('tapdev');
      dev = rtnlNewLink(net, tapLinkOps, { name: 'tap0', ifname: 'eth0', netns, address: mac(1), offload });
      const { linux } = tapPriv(dev);
      linux.rtnl.addAddress(linux.ifindex, '10.8.0.1/24');
      net.devAddPack(ETH_P_IP, (skb) => {
        heard++;
        consumeSkb(skb);
      });
      devOpen(dev);
      const neighbour = ['10.8.0.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'eth0'];
      await run('ip', ['-n', 'tapdev', 'neigh', 'add', ...neighbour]);
    });

    afterAll(() => {
      net.stop();
      deleteNetns('tapdev');
    });

    test('a frame is received by Linux inside the call, and its answer is there to be polled', () => {
      const { txPackets, txBytes, rxBytes } = dev.stats;
      expect(exchange(echoRequest(56))).toBe(1);
      expect(dev.stats).toMatchObject({ txPackets: txPackets + 1, txBytes: txBytes + 98 });
      expect(dev.stats.rxBytes - rxBytes).toBeGreaterThanOrEqual(98); // Linux says a few things unasked too
      expect(net.pool.inUse).toBe(0);
    });

    testWith(
      'its speed in Linux is 10 Gb/s, whatever the kernel says of a TAP by default, and can be set',
      ['ethtool'],
      async () => {
        const { linux } = tapPriv(dev);
        const said = async () =>
          (await run('ip', ['netns', 'exec', 'tapdev', 'ethtool', 'eth0'])).stdout.match(
            /Speed: .*|Duplex: .*/g,
          );
        expect(await said()).toEqual(['Speed: 10000Mb/s', 'Duplex: Full']);
        expect(setSpeed(linux.listener.fd, 'eth0', 100_000)).toBe(true);
        expect(await said()).toEqual(['Speed: 100000Mb/s', 'Duplex: Full']);
        setSpeed(linux.listener.fd, 'eth0', 10_000);
      },
    );

    test('a whole burst is drained by one interrupt', async () => {
      for (let i = 0; i < 200; i++) send(dev, echoRequest(56));
      const before = heard;
      net.irq(interrupt);
      await until('all answers', () => heard - before === 200);
    });

    test('Linux alone makes an interrupt happen', async () => {
      const interrupts = tapPriv(dev).rx.interrupts;
      await run('ip', ['netns', 'exec', 'tapdev', 'ping', '-c', '1', '-W', '0.1', '10.8.0.2']);
      await until('an interrupt', () => tapPriv(dev).rx.interrupts > interrupts);
    });

    test('a frame that Linux does not take is dropped and counted with its reason', async () => {
      send(dev, new Uint8Array(10));
      expect(dev.stats).toMatchObject({ txErrors: 1, txAbortedErrors: 1 });
      expect(dropsByReason(dev.drops)).toMatchObject({ NOT_SPECIFIED: 1 });
      const { linux } = tapPriv(dev);
      linux.rtnl.setLink(linux.ifindex, { up: false }, 'down, and the device does not know yet');
      send(dev, echoRequest(56));
      expect(dev.stats).toMatchObject({ txErrors: 1, txDropped: 1 });
      expect(dropsByReason(dev.drops)).toMatchObject({ NOT_SPECIFIED: 1, DEV_READY: 1 });
      await until('the device follows', () => (dev.flags & 1) === 0);
      devOpen(dev);
      const neighbour = ['10.8.0.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'eth0'];
      await run('ip', ['-n', 'tapdev', 'neigh', 'replace', ...neighbour]);
    });

    test('a frame longer than the MTU, as while it shrinks, is dropped and never cut', () => {
      dev.mtu = 600;
      expect(exchange(echoRequest(1000))).toBe(0);
      expect(dev.stats).toMatchObject({ rxErrors: 1, rxLengthErrors: 1 });
      expect(dropsByReason(dev.drops)).toMatchObject({ PKT_TOO_BIG: 1 });
      dev.mtu = 1500;
      expect(exchange(echoRequest(1000))).toBe(1);
      expect(net.pool.inUse).toBe(0);
    });

    test('the data path allocates nothing per frame, there and back, but two numbers', () => {
      setFlagsFromString('--expose-gc');
      globalThis.gc = runInNewContext('gc') as typeof globalThis.gc;
      const frame = echoRequest(56);
      const before = heard;
      const growth = [0, 1, 2, 3, 4, 5].map(() => heapPerFrame(frame));
      expect(heard - before).toBe(6 * 64 * 400);
      growth.shift(); // warming up
      // A buffer's address is too large for a small integer, so the engine boxes it for each call: twice 16 bytes, and
      // the interrupt's. Iovecs, which need no such number, cost 200 ns more a frame. A view would be 14 bytes on top.
      expect(growth.sort((a, b) => a - b)[2]).toBeLessThan(48);
    });

    if (offload)
      test('a segment that waits for others to be gathered with leaves with its turn, or with the device', async () => {
        const { tx } = tapPriv(dev);
        const { writes } = tx;
        const segment = l4Frame({ payload: new Uint8Array(100) });
        send(dev, segment);
        expect(tx.writes).toBe(writes);
        await until('the turn has ended', () => tx.writes === writes + 1);
        const { txDropped } = dev.stats;
        send(dev, segment);
        devClose(dev);
        expect([tx.writes, dev.stats.txDropped]).toEqual([writes + 2, txDropped]);
        expect(net.pool.inUse).toBe(0);
      });
  });
