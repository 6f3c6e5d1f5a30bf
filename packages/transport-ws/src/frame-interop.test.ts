/** Our framing against every way a stream may be cut. */

import { Duplex } from 'node:stream';
import type { DataFromNode } from '@etherloom/schema';
import { numberedBatch } from '@etherloom/transport/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataSocket } from './data-socket.ts';
import { FIN, OP_BINARY, OP_CONTINUATION, OP_PING, OP_TEXT, writeFrameHeader } from './frame-header.ts';
import { applyMask } from './mask.ts';

/** A socket whose bytes the test supplies and reads. */
class Line extends Duplex {
  readonly written: Buffer[] = [];

  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk);
    done();
  }
  get bytes(): Buffer {
    return Buffer.concat(this.written);
  }
}

const readAny = (text: string) => JSON.parse(text) as DataFromNode;

interface Heard {
  readonly log: (string | Uint8Array)[];
  readonly socket: DataSocket;
}

function listen(line: Duplex, head: Uint8Array, role: 'server' | 'client', log: Heard['log'] = []): Heard {
  const socket: DataSocket = new DataSocket(line, head, { role, read: readAny });
  socket.onmessage = (buf, at, length) => void log.push(new Uint8Array(buf.subarray(at, at + length)));
  socket.oncontrol = (message) => void log.push(JSON.stringify(message));
  socket.onclose = (code, reason) => void log.push(`closed ${code} ${reason}`);
  return { log, socket };
}

/** What was heard, with the records between two texts joined. */
function joined(log: Heard['log']): (string | Buffer)[] {
  const out: (string | Buffer)[] = [];
  for (const item of log) {
    const last = out.at(-1);
    if (typeof item === 'string') out.push(item);
    else if (last instanceof Buffer) out.splice(-1, 1, Buffer.concat([last, item]));
    else out.push(Buffer.from(item));
  }
  return out;
}

interface Part {
  readonly first: number;
  readonly payload: Uint8Array;
}

function frame({ first, payload }: Part, key: Uint8Array | null): Buffer {
  const head = Buffer.alloc(14);
  const end = writeFrameHeader(head, 0, first, payload.length, key !== null);
  if (key === null) return Buffer.concat([head.subarray(0, end), payload]);
  const masked = new Uint8Array(payload);
  applyMask(masked, 0, masked.length, key, 0);
  return Buffer.concat([head.subarray(0, end), key, masked]);
}

/** A message in fragments, cut at `cuts`, with a ping before each but the first. */
function fragments(opcode: number, bytes: Uint8Array, cuts: readonly number[]): Part[] {
  const at = [...new Set(cuts.map((cut) => 1 + (cut % Math.max(1, bytes.length - 1))))].sort((a, b) => a - b);
  const ends = [...at.filter((cut) => cut < bytes.length), bytes.length];
  return ends.flatMap((end, i) => {
    const payload = bytes.subarray(i === 0 ? 0 : ends[i - 1]!, end);
    const first = (i === ends.length - 1 ? FIN : 0) | (i === 0 ? opcode : OP_CONTINUATION);
    const ping = { first: FIN | OP_PING, payload: Uint8Array.of(i, 1, 2) };
    return i === 0 ? [{ first, payload }] : [ping, { first, payload }];
  });
}

const message = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(14, 60, 61, 130, 1514)).map(([n, length]) => ({
    opcode: OP_BINARY,
    bytes: numberedBatch(n, length, n),
  })),
  fc.integer({ min: 0, max: 99 }).map((n) => ({ opcode: OP_TEXT, bytes: Buffer.from(`{"n":"é${n}"}`) })),
);
const stream = fc.record({
  messages: fc.array(fc.tuple(message, fc.array(fc.nat(), { maxLength: 3 })), { minLength: 1, maxLength: 6 }),
  key: fc.oneof(fc.constant(new Uint8Array(4)), fc.uint8Array({ minLength: 4, maxLength: 4 })),
  role: fc.constantFrom('server' as const, 'client' as const),
});

function encode({ messages, key, role }: typeof stream extends fc.Arbitrary<infer T> ? T : never) {
  const parts = messages.flatMap(([{ opcode, bytes }, cuts]) => fragments(opcode, bytes, cuts));
  const wire = Buffer.concat(parts.map((part) => frame(part, role === 'server' ? key : null)));
  const log = messages.map(([{ opcode, bytes }]) => (opcode === OP_TEXT ? bytes.toString() : bytes));
  return { wire, want: joined(log), pings: parts.filter((part) => part.first === (FIN | OP_PING)).length };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('however a stream is cut, masked or not, in fragments with pings between, the same is heard', async () => {
  await fc.assert(
    fc.asyncProperty(stream, fc.array(fc.nat(), { maxLength: 12 }), fc.nat(), async (s, cuts, headLength) => {
      const { wire, want, pings } = encode(s);
      const line = new Line();
      const at = [...new Set([headLength, ...cuts].map((cut) => cut % wire.length))].sort((a, b) => a - b);
      const ends = [...at, wire.length];
      const { log, socket } = listen(line, Buffer.from(wire.subarray(0, ends[0])), s.role);
      for (let i = 1; i < ends.length; i++) line.push(Buffer.from(wire.subarray(ends[i - 1], ends[i])));
      await turn();
      expect(joined(log)).toEqual(want);
      expect([socket.badMessages, line.written.length]).toEqual([0, pings]);
      socket.terminate();
      await turn();
    }),
    { numRuns: 300 },
  );
});

test('every byte boundary of a stream is as good as any other', async () => {
  const key = Uint8Array.of(1, 2, 3, 4);
  const batch = numberedBatch(3, 60, 1);
  const parts = [...fragments(OP_BINARY, batch, [70]), ...fragments(OP_TEXT, Buffer.from('{"n":1}'), [])];
  const wire = Buffer.concat(parts.map((part) => frame(part, key)));
  for (let cut = 1; cut < wire.length; cut++) {
    const line = new Line();
    const { log, socket } = listen(line, new Uint8Array(0), 'server');
    line.push(Buffer.from(wire.subarray(0, cut)));
    await turn();
    line.push(Buffer.from(wire.subarray(cut)));
    await turn();
    expect(joined(log)).toEqual([Buffer.from(batch), '{"n":1}']);
    socket.terminate();
  }
});

test('a socket detached at any byte goes on in another DataSocket as if nothing had been', async () => {
  await fc.assert(
    fc.asyncProperty(stream, fc.nat(), async (s, cut) => {
      const { wire, want } = encode(s);
      const at = cut % wire.length;
      const line = new Line();
      const before = listen(line, new Uint8Array(0), s.role);
      line.push(Buffer.from(wire.subarray(0, at)));
      await turn();
      const { socket, head } = before.socket.detach();
      const after = listen(socket, head, s.role, before.log);
      line.push(Buffer.from(wire.subarray(at)));
      await turn();
      await turn();
      expect(joined(before.log)).toEqual(want);
      expect(after.socket.badMessages).toBe(0);
      after.socket.terminate();
      await turn();
    }),
    { numRuns: 300 },
  );
});

test('detached from inside oncontrol, what was read behind the message goes along', async () => {
  const key = Uint8Array.of(9, 8, 7, 6);
  const texts = ['{"n":1}', '{"n":2}'].map((text) =>
    frame({ first: FIN | OP_TEXT, payload: Buffer.from(text) }, key),
  );
  const line = new Line();
  const { log, socket } = listen(line, new Uint8Array(0), 'server');
  let head = new Uint8Array(0);
  socket.oncontrol = () => {
    head = new Uint8Array(socket.detach().head);
  };
  line.push(Buffer.concat(texts));
  await turn();
  expect(Buffer.from(head).equals(texts[1]!)).toBe(true);
  expect(log).toEqual([]);
});
