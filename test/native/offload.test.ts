/** TSO, GRO and checksums left out, held against what Linux makes of the same frames, and against its TCP. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { release } from 'node:os';
import { ETH_HLEN, putVnetGso, VIRTIO_NET_HDR_LEN, vnetCheck } from '@etherloom/frame';
import {
  allocEtherdev,
  consumeSkb,
  devOpen,
  devQueueXmit,
  Gro,
  GsoSegmenter,
  Net,
  type NetDevice,
  netdevRxHandlerRegister,
  netifTxStopQueue,
  netifTxWakeQueue,
  RX_HANDLER_CONSUMED,
  rtnlNewLink,
  type SkBuff,
  SkbPool,
  validateXmitSkb,
} from '@etherloom/netcore';
import { createNetns, deleteNetns, LinuxInterface, netnsPath, tapLinkOps, tapPriv } from '@etherloom/tap';
import { type L4Frame, l4VnetFrame, mac } from '@etherloom/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeHost } from '../../packages/node/src/node-host.ts';
import { bufferAddress } from '../../packages/tap/src/buffer-address.ts';
import { libc } from '../../packages/tap/src/libc.ts';
import { describeWith } from '../requirements.ts';
import { run } from '../support/program.ts';
import { until } from '../support/until.ts';

/** UDP super-frames, since Linux 6.2. */
const [major = 0, minor = 0] = release().split('.').map(Number);
const takesUso = major > 6 || (major === 6 && minor >= 2);

const on = async (netns: string, line: string): Promise<string> =>
  (await run('ip', ['netns', 'exec', netns, 'sh', '-c', line], { seconds: 60 })).stdout;

/** A frame behind a virtio_net_hdr goes in at one TAP; a bridge takes it to another, which knows no offloads. */
describeWith('GSO beside that of Linux', ['root', 'tun', 'netns'], () => {
  let into: LinuxInterface;
  let out: LinuxInterface;
  const buf = new Uint8Array(70_000);

  beforeAll(async () => {
    const netns = createNetns('gso0');
    into = LinuxInterface.create('in', netns, true);
    out = LinuxInterface.create('out', netns);
    await on('gso0', 'for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 > $f; done');
    await on('gso0', 'echo 0 > /proc/sys/net/bridge/bridge-nf-call-iptables');
    await on('gso0', 'echo 0 > /proc/sys/net/bridge/bridge-nf-call-ip6tables');
    await on('gso0', 'ip link add br0 type bridge mcast_snooping 0; ip link set br0 up');
    for (const name of ['in', 'out']) await on('gso0', `ip link set ${name} mtu 9000 master br0 up`);
    await until(
      'the bridge forwards',
      () => throughLinux(l4VnetFrame({ payload: Uint8Array.of(1) })).length > 0,
    );
    drain();
  });

  afterAll(() => {
    into?.close();
    out?.close();
    deleteNetns('gso0');
  });

  function drain(): Uint8Array[] {
    const frames: Uint8Array[] = [];
    for (;;) {
      const n = libc().read(out.fd, bufferAddress(buf), buf.length);
      if (n < 0) return frames;
      frames.push(buf.slice(0, n));
    }
  }

  function throughLinux(frame: Uint8Array): Uint8Array[] {
    expect(libc().write(into.fd, bufferAddress(frame), frame.length)).toBe(frame.length);
    return drain();
  }

  /** Frames as text, which is quicker to compare and to read when they differ. */
  const hex = (frames: Uint8Array[]): string[] => frames.map((frame) => Buffer.from(frame).toString('hex'));

  const gso = new GsoSegmenter();
  const pool = new SkbPool();
  function throughUs(frame: Uint8Array): Uint8Array[] {
    const length = frame.length - VIRTIO_NET_HDR_LEN;
    const n = vnetCheck(frame, 0, length);
    gso.loadRecord(frame, 0, length);
    return Array.from({ length: n }, () => {
      const bytes = new Uint8Array(gso.nextLength);
      gso.emit(bytes, 0);
      return bytes;
    });
  }

  /** Flags as TCP's own super-frames have them: SYN, RST and URG are never gathered. */
  const flags = fc.nat(255).map((f) => (f | 0x10) & ~0x26);
  const options = fc.nat(10).chain((n) => fc.uint8Array({ minLength: n * 4, maxLength: n * 4 }));
  const anyFrame: fc.Arbitrary<L4Frame> = fc.record({
    payload: fc
      .tuple(fc.nat(8000), fc.nat(255))
      .map(([n, k]) => new Uint8Array(n + 1).map((_, i) => i * k + (i >> 8))),
    ipv6: fc.boolean(),
    vlan: fc.option(fc.nat(0x0fff), { nil: undefined }) as fc.Arbitrary<number>,
    tos: fc.nat(255),
    id: fc.nat(0xffff),
    df: fc.boolean(),
    source: fc.nat(0xffff),
    seq: fc.nat(0xffffffff),
    ack: fc.nat(0xffffffff),
    flags,
    window: fc.nat(0xffff),
    options,
  });

  test('TCP super-frames, v4 and v6, tagged or not, are cut to the same bytes', () => {
    fc.assert(
      fc.property(anyFrame, fc.integer({ min: 200, max: 2000 }), (f, size) => {
        fc.pre(f.payload.length > size); // Linux makes no super-frame of one segment, and takes none with options
        const frame = l4VnetFrame(f, size);
        if ((f.flags! & 0x80) !== 0) frame[1] = frame[1]! | 0x80; // VIRTIO_NET_HDR_GSO_ECN
        expect(hex(throughUs(frame))).toEqual(hex(throughLinux(frame)));
      }),
      { numRuns: 300 },
    );
  });

  test('64 KiB are cut to the same bytes', () => {
    const payload = new Uint8Array(65_483).map((_, i) => i * 7 + (i >> 8));
    const frame = l4VnetFrame({ payload, options: new Uint8Array(12), flags: 0x19 }, 1448);
    const ours = throughUs(frame);
    expect(ours.length).toBe(46);
    expect(hex(ours)).toEqual(hex(throughLinux(frame)));
  });

  test('checksums that were left out are the same, of TCP and UDP', () => {
    fc.assert(
      fc.property(anyFrame, fc.boolean(), (f, udp) => {
        const frame = l4VnetFrame({ ...f, udp });
        expect(hex(throughUs(frame))).toEqual(hex(throughLinux(frame)));
      }),
      { numRuns: 200 },
    );
  });

  test('a super-frame that we gathered is forwarded by Linux as the frames it was made of', () => {
    for (const ipv6 of [false, true]) {
      const payload = new Uint8Array(20_000).map((_, i) => i * 5 + (i >> 8));
      const frames = throughUs(
        l4VnetFrame({ payload, ipv6, flags: 0x18, options: new Uint8Array(12) }, 1448),
      );
      let gathered = new Uint8Array(0);
      const gro = new Gro((flow) => {
        flow.finish();
        gathered = new Uint8Array(VIRTIO_NET_HDR_LEN + flow.hdrLen + flow.payload);
        putVnetGso(gathered, 0, flow.gsoType, flow.hdrLen, flow.mss);
        let at = VIRTIO_NET_HDR_LEN;
        for (let i = 0; i < flow.count; i++) {
          const skb = flow.skbs[i]!;
          const part = skb.buf.subarray(skb.data + (i === 0 ? 0 : flow.hdrLen), skb.tail);
          gathered.set(part, at);
          at += part.length;
          consumeSkb(skb);
        }
      });
      for (const frame of frames) {
        const skb = pool.alloc(frame.length)!;
        skb.buf.set(frame, skb.put(frame.length));
        expect(gro.receive(skb)).toBe(true);
      }
      expect(hex(throughLinux(gathered))).toEqual(hex(frames));
    }
  });

  test('UDP super-frames are cut to the same bytes', () => {
    for (const ipv6 of [false, true]) {
      const payload = new Uint8Array(5000).map((_, i) => i * 3);
      const frame = l4VnetFrame({ payload, udp: true, ipv6 }, 1200);
      if (takesUso) expect(hex(throughUs(frame))).toEqual(hex(throughLinux(frame)));
      expect(throughUs(frame).length).toBe(5);
    }
  });
});

/** Reads all of its input, tells the length and a digest. */
const SERVER = `
const hash = require('node:crypto').createHash('sha256'); let n = 0;
require('node:net').createServer((s) => s.on('data', (b) => { hash.update(b); n += b.length; })
  .on('end', () => { console.log(n, hash.digest('hex')); process.exit(); })).listen(7000, '::', () => console.log('ready'));`;
const CLIENT = `
const bytes = require('node:crypto').randomBytes(1 << 20); const hash = require('node:crypto').createHash('sha256');
const s = require('node:net').connect(7000, process.argv[1]); let left = 20;
const more = () => { while (left-- > 0) { hash.update(bytes); if (!s.write(bytes)) return s.once('drain', more); }
  s.end(() => console.log(20 << 20, hash.digest('hex'))); }; more();`;

describeWith('two TAPs with offloads', ['root', 'tun', 'netns', 'ethtool'], () => {
  const net = new Net(nodeHost);
  let a: NetDevice;
  let b: NetDevice;
  let meddle: (skb: SkBuff) => void = () => {};
  /** Between the two is a wire without super-frames. */
  let plain = false;
  const wire = allocEtherdev(net, 'wire');

  function make(name: string, n: number): NetDevice {
    const netns = createNetns(name);
    const dev = rtnlNewLink(net, tapLinkOps, { name, ifname: 'eth0', netns, address: mac(n), offload: true });
    const { linux } = tapPriv(dev);
    expect(linux.vnet).toBe(true);
    linux.rtnl.addAddress(linux.ifindex, `10.9.0.${n}/24`);
    devOpen(dev);
    linux.rtnl.addAddress(linux.ifindex, `fd09::${n}/64`);
    return dev;
  }

  function pass(from: NetDevice, to: NetDevice): void {
    netdevRxHandlerRegister(from, (skb) => {
      skb.push(ETH_HLEN);
      if (!plain) send(skb, to);
      else for (const segment of cut(skb)) send(segment, to);
      return RX_HANDLER_CONSUMED;
    });
  }

  function send(skb: SkBuff, to: NetDevice): void {
    meddle(skb);
    skb.dev = to;
    devQueueXmit(skb);
  }

  function cut(skb: SkBuff): SkBuff[] {
    const segments: SkBuff[] = [];
    for (let next = validateXmitSkb(skb, wire); next !== null; ) {
      const segment = next;
      next = segment.next;
      segment.next = null;
      segments.push(segment);
    }
    return segments;
  }

  beforeAll(async () => {
    a = make('off1', 1);
    b = make('off2', 2);
    pass(a, b);
    pass(b, a);
    const up = async () =>
      (await run('ip', ['netns', 'exec', 'off1', 'ping', '-c1', '-W1', 'fd09::2'])).code === 0;
    await until('IPv6 crosses', up);
  });

  afterAll(() => {
    net.stop();
    deleteNetns('off1');
    deleteNetns('off2');
  });

  const counters = async (netns: string): Promise<Record<string, number>> => {
    const text = await on(netns, 'nstat -asz TcpInCsumErrors IpInHdrErrors IpInReceives Ip6InReceives');
    return Object.fromEntries([...text.matchAll(/^(\w+)\s+(\d+)/gm)].map(([, name, n]) => [name, Number(n)]));
  };

  async function transfer(address: string): Promise<void> {
    const server = spawn('ip', ['netns', 'exec', 'off2', process.execPath, '-e', SERVER]);
    let said = '';
    server.stdout.on('data', (text) => {
      said += text;
    });
    await until('it listens', () => said.startsWith('ready'));
    const ended = once(server, 'exit');
    const sent = await run('ip', ['netns', 'exec', 'off1', process.execPath, '-e', CLIENT, address], {
      seconds: 60,
    });
    await ended;
    expect(said).toBe(`ready\n${sent.stdout}`);
  }

  test.each([
    ['10.9.0.2', 'as they are', false],
    ['fd09::2', 'as they are', false],
    ['10.9.0.2', 'cut and gathered', true],
    ['fd09::2', 'cut and gathered', true],
  ])(
    'a stream to %s in super-frames, %s, arrives whole, and Linux finds every checksum right',
    async (address, _how, cutting) => {
      plain = cutting;
      const before = await counters('off2');
      const { rx } = tapPriv(a);
      const { tx } = tapPriv(b);
      const frames = [rx.gsoFrames, tx.gsoFrames, tx.gsoSegments] as const;
      await transfer(address);
      expect(rx.gsoFrames - frames[0]).toBeGreaterThan(100);
      expect(tx.gsoSegments - frames[2]).toBeGreaterThan(5 * (tx.gsoFrames - frames[1]));
      const after = await counters('off2');
      expect(after['TcpInCsumErrors']).toBe(before['TcpInCsumErrors']);
      expect(after['IpInHdrErrors']).toBe(before['IpInHdrErrors']);
      expect(a.stats).toMatchObject({ rxErrors: 0, rxDropped: 0 });
      expect(b.stats).toMatchObject({ txErrors: 0, txDropped: 0 });
      expect(b.stats.txPackets).toBe(a.stats.rxPackets);
      await until('every skb is home', () => net.pool.inUse === 0);
    },
  );

  test('an interface whose GRO is taken off gets frames of MTU size, and super-frames again when it is put back', async () => {
    const { tx } = tapPriv(b);
    const gso = (): number => tx.gsoFrames;
    for (const cutting of [false, true]) {
      plain = cutting;
      const before = gso();
      await on('off2', 'ethtool -K eth0 gro off');
      await until('the driver has heard of it', () => !tx.gather);
      const frames = tapPriv(a).rx.gsoFrames;
      await transfer('10.9.0.2');
      expect(gso()).toBe(before);
      expect(tapPriv(a).rx.gsoFrames).toBeGreaterThan(frames);
      await on('off2', 'ethtool -K eth0 gro on');
      await until('the driver has heard of it', () => tx.gather);
      await transfer('10.9.0.2');
      expect(gso()).toBeGreaterThan(before);
    }
    plain = false;
  });

  test('damaged segments are found by the receiver inside their super-frames, and the stream still arrives whole', async () => {
    const before = (await counters('off2'))['TcpInCsumErrors']!;
    let long = 0;
    let damaged = 0;
    plain = true;
    meddle = (skb) => {
      if (skb.len < 1000 || ++long % 500 !== 0) return;
      damaged++;
      skb.buf[skb.tail - 1 - (long % 900)]! ^= 4;
    };
    await transfer('10.9.0.2');
    meddle = () => {};
    plain = false;
    const found = (await counters('off2'))['TcpInCsumErrors']! - before;
    expect(damaged).toBeGreaterThan(10);
    expect(found).toBeGreaterThan(damaged / 4); // two in one super-frame are found as one
    expect(found).toBeLessThanOrEqual(damaged);
  });

  test('UDP leaves with the checksum that Linux left out', async () => {
    const line = `${process.execPath} -e "require('node:dgram').createSocket('udp4').bind(7001, function () { this.on('message', (m) => { console.log(m.length); process.exit(); }); })"`;
    let heard = '';
    const server = on('off2', line).then((text) => {
      heard = text;
    });
    await until('a datagram arrives', async () => {
      await on(
        'off1',
        'echo hello > /dev/udp/10.9.0.2/7001 || bash -c "echo hello > /dev/udp/10.9.0.2/7001"',
      );
      return heard === '6\n';
    });
    await server;
  });

  test('while the queue behind is stopped nothing is read, the fd is masked, and nothing is lost', async () => {
    const gate = rtnlNewLink(net, tapLinkOps, {
      name: 'gate',
      ifname: 'gate',
      netns: netnsPath('off1'),
      address: mac(9),
    });
    const { rx } = tapPriv(a);
    rx.setGate(gate.txq[0]!);
    netifTxStopQueue(gate.txq[0]!);
    const { rxPackets } = a.stats;
    const { interrupts } = rx;
    const sent = async () => Number(/Echos\s+(\d+)/.exec(await on('off1', 'nstat -asz IcmpOutEchos'))![1]);
    const before = await sent();
    const ping = on('off1', 'ping -c 20 -i 0.01 -W 30 10.9.0.2');
    await until('the fd is masked', () => rx.masked > 0);
    await until('Linux has sent them all', async () => (await sent()) === before + 20);
    expect(a.stats.rxPackets).toBe(rxPackets);
    expect(rx.interrupts - interrupts).toBeLessThan(5);
    net.irq(() => netifTxWakeQueue(gate.txq[0]!));
    expect(await ping).toContain('20 received');
    rx.setGate(null);
  });
});
