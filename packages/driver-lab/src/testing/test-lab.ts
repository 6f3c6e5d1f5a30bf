/** A device of a driver under test, and what is at the other end of its cable; in virtual time. For tests only. */

import { consumeSkb, devOpen, Net, type NetDevice, type SkBuff } from '@etherloom/netcore';
import { ethernetFrame, mac, VirtualHost } from '@etherloom/testkit';
import {
  BatchWriter,
  createMemoryPair,
  RECORD_HEADER,
  readRecordLength,
  type Transport,
} from '@etherloom/transport';
import { Checker, type DriverReport } from '../checker/checker.ts';
import { type LabLinkOps, labNewLink } from '../lab-link.ts';
import type { LabNic } from '../nic/lab-nic.ts';

export class TestLab {
  readonly host = new VirtualHost();
  readonly net = new Net(this.host);
  readonly checker: Checker;
  readonly reports: DriverReport[] = [];
  readonly dev: NetDevice;
  readonly nic: LabNic;
  /** Frames that reached the far end. */
  readonly sent: Uint8Array[] = [];
  /** Frames that reached the protocols here. */
  received = 0;
  readonly #far: Transport;

  constructor(linkOps: LabLinkOps, { enabled = true } = {}) {
    this.checker = new Checker({
      host: this.host,
      enabled,
      isDriver: (file) => /\/testing\/broken|\/examples\/drivers\//.test(file),
      onReport: (report) => this.reports.push(report),
    });
    const [near, far] = createMemoryPair((fn) => this.host.endOfTurn(fn));
    this.#far = far;
    far.handler = {
      linkUp: () => {},
      linkDown: () => {},
      message: (buf, offset, _length, frames) => this.#arrived(buf, offset, frames),
      sent: () => {},
      control: () => {},
    };
    far.open();
    this.net.devAddPack(0x0800, (skb: SkBuff) => {
      this.received++;
      consumeSkb(skb);
    });
    const { dev, nic } = labNewLink(this.net, linkOps, this.checker, { name: 'eth0', transport: near });
    this.dev = dev;
    this.nic = nic;
  }

  get rules(): string[] {
    return this.reports.map(({ rule }) => rule);
  }

  up(): this {
    devOpen(this.dev);
    this.host.advance(10);
    return this;
  }

  /** Frames arrive in one message. */
  receive(frames: number, length = 100): void {
    const batch = new BatchWriter();
    const frame = ethernetFrame({ dst: this.dev.devAddr, src: mac(9), length });
    for (let i = 0; i < frames; i++) batch.append(frame, 0, length, null);
    this.#far.send(batch.buf, 0, batch.length, 1);
    this.host.advance(10);
  }

  /** The cable breaks, and comes back by itself. */
  cut(): void {
    this.#far.close();
    this.host.advance(10);
    this.#far.open();
    this.host.advance(10);
  }

  #arrived(buf: Uint8Array, offset: number, frames: number): void {
    for (let i = 0, at = offset; i < frames; i++) {
      const len = readRecordLength(buf, at);
      this.sent.push(buf.slice(at + RECORD_HEADER, at + RECORD_HEADER + len));
      at += RECORD_HEADER + len;
    }
  }
}
