/**
 * The contract of Transport, as cases that both implementations run. A case is a name and a function that throws when
 * the contract is broken, so this file needs no test runner:
 *
 *   for (const [name, run] of transportContract) test(name, () => run(rig));
 */
import { BatchWriter } from './batch-writer.ts';
import type { CableMessage, Transport, TransportHandler, Welcome } from './transport.ts';

/** The other end of the cable under test, as the suite drives and observes it. */
export interface FarEnd {
  /** Everything that has arrived, in order: copies of the bytes of records, a control message as itself. */
  readonly heard: (Uint8Array | CableMessage)[];
  send(bytes: Uint8Array): void;
  control(message: CableMessage): void;
  /** Breaks the connection as a fault does, without goodbye. */
  cut(): void;
}

export interface Rig {
  readonly transport: Transport;
  readonly far: FarEnd;
  /** Lets things happen until `done` holds; throws when it does not come to hold. */
  until(done: () => boolean, what: string): Promise<void>;
  dispose(): Promise<void>;
}

type Case = (rig: Rig) => Promise<void>;

/** A handler that writes down all it is told. */
export class RecordingHandler implements TransportHandler {
  readonly log: string[] = [];
  readonly messages: Uint8Array[] = [];
  readonly controls: CableMessage[] = [];
  readonly returned: number[] = [];
  welcome: Welcome | null = null;
  reason = '';

  linkUp(welcome: Welcome): void {
    this.welcome = welcome;
    this.log.push('up');
  }
  linkDown(reason: string): void {
    this.reason = reason;
    this.log.push('down');
  }
  message(buf: Uint8Array, offset: number, length: number, frames: number): void {
    this.messages.push(new Uint8Array(buf.subarray(offset, offset + length)));
    this.log.push(`message ${frames}`);
  }
  sent(token: number): void {
    this.returned.push(token);
    this.log.push(`sent ${token}`);
  }
  control(message: CableMessage): void {
    this.controls.push(message);
    this.log.push(message.type);
  }
}

/** A batch of `frames` frames of `length` bytes, each filled with its own number, starting at `first`. */
export function numberedBatch(frames: number, length: number, first = 0): Uint8Array {
  const writer = new BatchWriter(frames * (length + 4));
  for (let i = 0; i < frames; i++) writer.append(new Uint8Array(length).fill(first + i), 0, length);
  return writer.buf.slice(0, writer.length);
}

function check(condition: boolean, text: string): void {
  if (!condition) throw new Error(text);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Without what repeats what is before it: one batch may arrive as several. */
function once(words: readonly string[]): string[] {
  return words.filter((word, i) => word !== words[i - 1]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

async function bringUp(rig: Rig): Promise<RecordingHandler> {
  const handler = new RecordingHandler();
  rig.transport.handler = handler;
  rig.transport.open();
  check(!rig.transport.up, 'open() must not come up inside the call');
  await rig.until(() => rig.transport.up, 'the cable comes up');
  return handler;
}

const cases: Record<string, Case> = {
  'comes up once, by a welcome that names the MTU': async (rig) => {
    const handler = await bringUp(rig);
    check(handler.log.join() === 'up', `told "${handler.log.join()}"`);
    check(handler.welcome!.mtu >= 68, 'no MTU');
  },

  'refuses to send while down, and the caller keeps the buffer': async (rig) => {
    const handler = new RecordingHandler();
    rig.transport.handler = handler;
    check(!rig.transport.send(numberedBatch(1, 60), 0, 64, 1), 'accepted');
    check(rig.transport.pending === 0 && handler.returned.length === 0, 'kept something');
  },

  'delivers a slice of a buffer unchanged and returns each loan once, in order, after send': async (rig) => {
    const handler = await bringUp(rig);
    const batch = numberedBatch(10, 60);
    const padded = new Uint8Array(batch.length + 100);
    padded.set(batch, 50);
    for (const token of [7, 8, 9]) check(rig.transport.send(padded, 50, batch.length, token), 'refused');
    check(handler.returned.length === 0, 'returned from inside send');
    check(rig.transport.pending === 3 * batch.length, `pending is ${rig.transport.pending}`);
    const heard = () => joined(rig.far.heard.filter((h) => h instanceof Uint8Array));
    const all = () => heard().length >= 3 * batch.length && handler.returned.length === 3;
    await rig.until(all, 'all is there');
    check(handler.returned.join() === '7,8,9', `returned ${handler.returned.join()}`);
    check(rig.transport.pending === 0, 'pending did not return to 0');
    check(same(heard(), joined([batch, batch, batch])), 'the bytes differ');
    check(same(padded.subarray(50, 50 + batch.length), batch), 'the lent bytes were changed');
  },

  'keeps control messages in order with batches, both ways': async (rig) => {
    const handler = await bringUp(rig);
    const batch = numberedBatch(2, 60);
    rig.transport.control({ type: 'carrier', on: true });
    rig.transport.send(batch, 0, batch.length, 1);
    rig.transport.control({ type: 'mark', id: 1, tx: 2, rx: 0 });
    rig.far.control({ type: 'mark', id: 5, tx: 0 });
    rig.far.send(batch);
    rig.far.control({ type: 'mark', id: 6, tx: 2 });
    await rig.until(
      () => rig.far.heard.some((h) => 'type' in h && h.type === 'mark') && handler.controls.length === 2,
      'all is there',
    );
    const kinds = rig.far.heard.map((h) => (h instanceof Uint8Array ? 'batch' : h.type));
    check(once(kinds).join() === 'carrier,batch,mark', `the far end heard ${kinds.join()}`);
    const log = handler.log.map((line) => line.split(' ')[0]!).filter((word) => word.startsWith('m'));
    check(once(log).join() === 'mark,message,mark', `heard ${log.join()}`);
  },

  'lends received bytes for the call: whole and right within it, whatever came before': async (rig) => {
    const handler = await bringUp(rig);
    for (let i = 0; i < 20; i++) rig.far.send(numberedBatch(50, 60, i));
    const frames = () => handler.messages.reduce((sum, bytes) => sum + bytes.length / 64, 0);
    await rig.until(() => frames() === 1000, 'all is there');
    const bytes = joined(handler.messages);
    const sent = joined(Array.from({ length: 20 }, (_, i) => numberedBatch(50, 60, i)));
    check(same(bytes, sent), 'the bytes differ');
  },

  'when the cable breaks every loan comes home before the link goes down, once': async (rig) => {
    const handler = await bringUp(rig);
    const batch = numberedBatch(100, 1514);
    for (let token = 0; token < 50; token++) rig.transport.send(batch, 0, batch.length, token);
    rig.far.cut();
    await rig.until(() => handler.log.includes('down'), 'the link goes down');
    const before = handler.log
      .slice(0, handler.log.indexOf('down'))
      .filter((line) => line.startsWith('sent'));
    check(before.length === 50, `${before.length} of 50 loans were home`);
    check(new Set(before).size === 50, 'a loan came home twice');
  },

  'comes up again by itself after a break': async (rig) => {
    const handler = await bringUp(rig);
    rig.far.cut();
    await rig.until(() => handler.log.filter((line) => line === 'up').length === 2, 'it is up again');
    check(handler.log.join() === 'up,down,up', `told "${handler.log.join()}"`);
    const batch = numberedBatch(1, 60);
    check(rig.transport.send(batch, 0, batch.length, 3), 'refused after coming up');
    await rig.until(() => handler.returned.includes(3), 'the loan comes home');
  },

  'close() takes it down, returns what is lent and stays down': async (rig) => {
    const handler = await bringUp(rig);
    const batch = numberedBatch(1, 60);
    rig.transport.send(batch, 0, batch.length, 4);
    rig.transport.close();
    check(!rig.transport.up, 'still up');
    await rig.until(() => handler.log.includes('down'), 'the link goes down');
    check(handler.returned.join() === '4', `returned ${handler.returned.join()}`);
    check(!rig.transport.send(batch, 0, batch.length, 5), 'accepted after close');
  },
};

export const transportContract: readonly (readonly [string, Case])[] = Object.entries(cases);
