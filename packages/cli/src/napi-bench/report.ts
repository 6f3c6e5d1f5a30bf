/** The demonstration in words and figures. */
import { type Column, table } from '../format/table.ts';
import { type Step, sum } from './sweep.ts';
import type { Coalescing } from './words.ts';

export const INTRODUCTION = `An interrupt here is a message that the WebSocket hands to the driver: the driver stops what it does, runs its
handler, lets NAPI poll, and goes back. It costs the same for a message of one frame and for one of a thousand.

Two processes, a wslink device in each, one WebSocket between them. The sender is to send frames at a rate, whether or
not it can keep up; what its queue cannot take, or it finds no time for, is lost and counted. First with coalescing off
(ethtool -C eth0 tx-frames 1 rx-frames 1): each frame is a message, and an interrupt. Then on, as every device here is
by default: what was queued in one turn of the event loop leaves as one message, and its frames are polled.

`;

const COLUMNS: readonly Column[] = [
  'coalescing',
  'offered/s',
  'delivered/s',
  'interrupts/s',
  'frames/interrupt',
  'receiver ns/frame',
  'sender ns/frame',
  'lost',
].map((title, i) => ({ title, align: i === 0 ? 'left' : 'right' }));

export function stepTable(steps: readonly Step[]): string[] {
  return table(COLUMNS, steps.map(row));
}

function row(step: Step): string[] {
  const { account } = step;
  return [
    step.coalescing,
    rounded(step.offered),
    rounded(step.delivered),
    rounded(step.interrupts),
    (account.delivered / Math.max(1, account.interrupts)).toFixed(1),
    rounded(step.receiverNs),
    rounded(step.senderNs),
    `${(100 * lostShare(step)).toFixed(1)} %`,
  ];
}

/** What the figures say, in figures of this very run, and no more than they say. */
export function conclusion(steps: readonly Step[]): string {
  const off = best(steps, 'off');
  const on = best(steps, 'on');
  if (!steps.some((step) => step.coalescing === 'off' && lostShare(step) > DROWNING)) return calm(off, on);
  const times = (on.delivered / Math.max(1, off.delivered)).toFixed(0);
  return `
An interrupt a frame: ${rounded(off.delivered)} frames a second arrive at most, each for ${rounded(off.receiverNs)} ns of the receiver's CPU and
${rounded(off.senderNs)} ns of the sender's. Offer more, and all its time goes into interrupts and doorbells: the rest is lost.
With NAPI and batches: ${rounded(on.delivered)} a second, ${times} times as many, for ${rounded(on.receiverNs)} ns and ${rounded(on.senderNs)} ns. Frames that come while the machine is
busy wait and share the next interrupt, so the more there are, the less each of them costs. At a low rate a frame has a
message of its own and waits for nobody; its price is then mostly that of waking up.`;
}

/** A hundredth of what was offered is lost where a machine is busy with something else, too. */
const DROWNING = 0.01;

function calm(off: Step, on: Step): string {
  return `
No rate of this run was too much for an interrupt a frame: nothing drowned, so there is no more to compare than the price.
An interrupt a frame took ${rounded(off.receiverNs)} ns of the receiver's CPU, NAPI and batches ${rounded(on.receiverNs)} ns. Offer more: --rates 200k,1M,2M.`;
}

function lostShare({ account }: Step): number {
  return sum(account.drops) / Math.max(1, account.offered);
}

function best(steps: readonly Step[], mode: Coalescing): Step {
  return steps
    .filter((step) => step.coalescing === mode)
    .reduce((a, b) => (b.delivered > a.delivered ? b : a));
}

function rounded(n: number): string {
  return Math.round(n).toLocaleString('en-US');
}
