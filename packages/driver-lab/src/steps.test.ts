import { devClose, devOpen, devQueueXmit, rtnlDelLink } from '@etherloom/netcore';
import { mac, testSkb } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { linkOps as first } from '../../../examples/drivers/1-first.ts';
import { linkOps as ring } from '../../../examples/drivers/2-ring.ts';
import { linkOps as irq } from '../../../examples/drivers/3-interrupts.ts';
import { linkOps as napi } from '../../../examples/drivers/4-napi.ts';
import type { LabLinkOps } from './lab-link.ts';
import { TestLab } from './testing/test-lab.ts';

const steps: [string, LabLinkOps][] = [
  ['1-first', first],
  ['2-ring', ring],
  ['3-interrupts', irq],
  ['4-napi', napi],
];

function send(lab: TestLab, frames: number): void {
  for (let i = 0; i < frames; i++) {
    const skb = testSkb(lab.dev, 60 + (i % 100));
    skb.buf.set(mac(1), skb.data);
    devQueueXmit(skb);
  }
  lab.host.advance(50);
}

test.each(steps)('%s sends and receives, counts right, and the checker finds nothing', (_name, linkOps) => {
  const lab = new TestLab(linkOps).up();
  send(lab, 500);
  lab.receive(300);
  lab.receive(1);
  lab.host.advance(10_000);
  expect(lab.sent).toHaveLength(500);
  expect(lab.received).toBe(301);
  expect(lab.dev.stats).toMatchObject({ txPackets: 500, rxPackets: 301, rxBytes: 30_100 });
  expect(lab.dev.stats.txBytes).toBe(lab.sent.reduce((sum, frame) => sum + frame.length, 0));
  devClose(lab.dev);
  rtnlDelLink(lab.dev);
  expect(lab.reports).toEqual([]);
  expect(lab.net.pool.inUse).toBe(0);
});

test.each(steps)('%s goes down and up under load, loses its cable, and owes nothing', (_name, linkOps) => {
  const lab = new TestLab(linkOps).up();
  for (let round = 0; round < 5; round++) {
    send(lab, 40);
    for (let i = 0; i < 200; i++) devQueueXmit(testSkb(lab.dev, 100));
    devClose(lab.dev);
    devOpen(lab.dev);
    lab.receive(100);
    lab.cut();
    send(lab, 10);
    lab.host.advance(3000);
  }
  rtnlDelLink(lab.dev);
  lab.host.advance(100);
  expect(lab.reports).toEqual([]);
  expect(lab.net.pool.inUse).toBe(0);
});

test.each(steps)('%s works without the checker as with it', (_name, linkOps) => {
  const lab = new TestLab(linkOps, { enabled: false }).up();
  send(lab, 200);
  lab.receive(200);
  expect([lab.sent.length, lab.received]).toEqual([200, 200]);
  rtnlDelLink(lab.dev);
  expect(lab.net.pool.inUse).toBe(0);
});

/** Interrupts for a burst of frames that arrive together. */
function interruptsFor(
  linkOps: LabLinkOps,
  frames: number,
  prepare: (lab: TestLab) => void = () => {},
): number {
  const lab = new TestLab(linkOps).up();
  prepare(lab);
  const before = lab.nic.counters.interrupts;
  lab.receive(frames);
  expect(lab.received).toBe(frames);
  return lab.nic.counters.interrupts - before;
}

test('a burst of 500 frames is 500 interrupts to step 3 and one to step 4', () => {
  expect(interruptsFor(irq, 500)).toBe(500);
  expect(interruptsFor(napi, 500)).toBe(1);
});

test('coalescing makes the card wait for frames, or for time', () => {
  const coalesce = (rxMaxCoalescedFrames: number) => (lab: TestLab) =>
    lab.dev.ethtoolOps.setCoalesce?.(lab.dev, {
      rxCoalesceUsecs: 200,
      rxMaxCoalescedFrames,
      txCoalesceUsecs: 200,
      txMaxCoalescedFrames: rxMaxCoalescedFrames,
    });
  expect(interruptsFor(irq, 500, coalesce(20))).toBe(25);
  expect(interruptsFor(irq, 10, coalesce(20))).toBe(1);
});
