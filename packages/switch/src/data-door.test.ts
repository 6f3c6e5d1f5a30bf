import { VirtualHost } from '@etherloom/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import type { RawSocket } from './data-door.ts';
import { FakeDevice, FakeSwitch, frameOf, linkSlice } from './testing.ts';

let sw: FakeSwitch<VirtualHost>;

beforeEach(() => {
  sw = new FakeSwitch(new VirtualHost(1));
  sw.apply(linkSlice('h1:eth0', 'lan:office'), linkSlice('h2:eth0', 'lan:office'));
});

describe('identity', () => {
  test('a newer socket of the same device takes over, and the old one is told', () => {
    const old = sw.device('h1:eth0');
    const young = new FakeDevice('h1:eth0');
    young.epoch = 'second';
    young.connect(sw.door);
    expect(old.heard.at(-1)).toMatchObject({ type: 'bye', code: 'replaced' });
    expect([old.closedWith, young.carrier]).toEqual([4409, true]);
    old.send([frameOf(1, 255)]);
    expect(sw.fabric.port('h1:eth0').received).toBe(0);
  });

  test('two that fight for a name: the sixth replacement within a minute is refused, the port keeps working', () => {
    const devices = Array.from({ length: 7 }, (_, i) =>
      Object.assign(new FakeDevice('h1:eth0'), { epoch: `e${i}` }),
    );
    for (const device of devices) device.connect(sw.door);
    expect(devices.map((d) => d.closedWith)).toEqual([4409, 4409, 4409, 4409, 4409, 0, 4403]);
    expect(devices[6]!.heard.at(-1)).toMatchObject({ type: 'bye', code: 'refused' });
    expect(devices[5]!.carrier).toBe(true);
    sw.host.advance(59_999);
    devices[6]!.connect(sw.door);
    expect(devices[6]!.closedWith).toBe(4403);
    sw.host.advance(1);
    devices[6]!.connect(sw.door);
    expect(devices[6]!.closedWith).toBe(0);
  });

  test('a device that reconnects before its old socket was missed is no fight', () => {
    const device = sw.device('h1:eth0');
    for (let i = 0; i < 10; i++) device.connect(sw.door);
    expect(device.closedWith).toBe(0);
    expect(device.heard.at(-1)).toMatchObject({ type: 'welcome' });
  });

  // biome-ignore format: one case a line
  test.each([
    ['frames before hello',   (d: FakeDevice) => d.send([frameOf(1, 255)])],
    ['anything before hello', (d: FakeDevice) => d.say({ type: 'carrier', on: true })],
    ['silence for 5 s',       () => sw.host.advance(5000)],
  ])('%s is refused', (_name, act) => {
    const device = new FakeDevice('h1:eth0');
    device.open(sw.door);
    act(device);
    expect(device.heard.at(-1)).toMatchObject({ type: 'bye', code: 'refused' });
    expect([device.closedWith, sw.fabric.port('h1:eth0').received]).toEqual([4403, 0]);
  });

  test('a switch that stops sends its devices away to come back', () => {
    const device = sw.device('h1:eth0');
    sw.door.close('the switch stops');
    expect(device.heard.at(-1)).toMatchObject({ type: 'bye', code: 'moving' });
    expect(device.closedWith).toBe(1012);
  });

  test('a port is forgotten once neither a device nor a link has to do with it', () => {
    const device = sw.device('h9:eth0');
    const { no } = sw.fabric.port('h9:eth0');
    device.cut();
    expect(sw.fabric.port('h9:eth0').no).not.toBe(no);
  });
});

describe('raw mode', () => {
  class RawClient implements RawSocket {
    pending = 0;
    onmessage: RawSocket['onmessage'] = null;
    onclose: RawSocket['onclose'] = null;
    ondrain: RawSocket['ondrain'] = null;
    onsent: RawSocket['onsent'] = null;
    frames: Uint8Array[] = [];
    code = 0;

    send(buf: Uint8Array, offset: number, length: number, token: number): boolean {
      this.frames.push(buf.slice(offset, offset + length));
      if (token >= 0) this.onsent?.(token);
      return true;
    }

    close(code = 1000): void {
      this.code = code;
      this.onclose?.(code, '');
    }

    say(frame: Uint8Array): void {
      this.onmessage?.(frame, 0, frame.length, 1);
    }
  }

  test('a raw client sends and hears bare frames as any station, runts of 14 bytes included', () => {
    const h1 = sw.device('h1:eth0');
    const raw = new RawClient();
    sw.door.acceptRaw(raw, 'office');
    raw.say(frameOf(7, 255, 18).subarray(0, 14));
    raw.say(new Uint8Array(13));
    sw.host.runTurns();
    expect(h1.frames.map((f) => f.length)).toEqual([14]);
    h1.send([frameOf(1, 7, 42), frameOf(1, 7, 100), frameOf(1, 9, 60)]);
    sw.host.runTurns();
    expect(raw.frames.map((f) => f.length)).toEqual([42, 100, 60]);
    const ports = sw.service.call('lan.ports', { lan: 'office' }) as { endpoint: string; link?: string }[];
    expect(ports.at(-1)).toMatchObject({
      endpoint: 'raw-1',
      state: 'forwarding',
      counters: { rx: 1, tx: 3 },
    });
    raw.close();
    expect(sw.service.call('lan.ports', { lan: 'office' })).toHaveLength(2);
  });

  test('one that dials as the end of a link has its carrier, its impairments and its account', async () => {
    const impair = { forward: { duplicate: 1 }, reverse: { delay: 0.01, loss: 0.5, seed: 4 } };
    sw.apply(linkSlice('raw:vm1', 'lan:office', impair), linkSlice('h1:eth0', 'lan:office'));
    const h1 = sw.device('h1:eth0');
    const raw = new RawClient();
    sw.door.acceptRaw(raw, 'raw:vm1');
    raw.say(frameOf(7, 255));
    raw.say(new Uint8Array(13));
    sw.host.runTurns();
    expect(h1.frames.length).toBe(2);
    h1.send(Array.from({ length: 100 }, (_, no) => frameOf(1, 7, 64, no)));
    sw.host.advance(9);
    expect(raw.frames).toEqual([]);
    sw.host.advance(2);
    expect(raw.frames.length).toBeGreaterThan(20);
    expect(raw.frames[0]!.length).toBe(64);
    expect(await sw.stats('raw-vm1--office')).toMatchObject({
      forward: { tx: 1, rx: 2, impair: { duplicated: 1 } },
      reverse: { tx: 100, rx: raw.frames.length, drops: { NETEM_LOSS: 100 - raw.frames.length } },
      balanced: true,
    });
    const link = () => sw.fabric.link('raw-vm1--office').state().ends[0];
    expect(link()).toMatchObject({ attached: true, carrier: true });
    raw.close();
    expect(link()).toMatchObject({ attached: false, carrier: false });
  });

  test('there is no raw port on a LAN that is not there, or goes', () => {
    const lost = new RawClient();
    sw.door.acceptRaw(lost, 'nowhere');
    expect(lost.code).toBe(4404);
    const raw = new RawClient();
    sw.door.acceptRaw(raw, 'office');
    sw.service.call('switch.apply', { lans: [], links: [] });
    expect(raw.code).toBe(4404);
  });
});
