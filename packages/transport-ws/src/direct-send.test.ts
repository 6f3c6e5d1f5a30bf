import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { DirectSend } from './direct-send.ts';

const opened: (() => void)[] = [];

afterEach(() => {
  for (const close of opened.splice(0)) close();
});

/** A connection whose far end reads nothing until it is told to. */
async function pair(): Promise<[Socket, Socket]> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as { port: number }).port, '127.0.0.1');
  const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')])) as [
    [Socket],
    unknown,
  ];
  near.on('error', () => {});
  opened.push(
    () => near.destroy(),
    () => far.destroy(),
    () => server.close(),
  );
  return [near, far];
}

test.runIf(process.platform === 'linux')(
  'what the machine takes is sent, what it does not take is not',
  async () => {
    const [near, far] = await pair();
    const direct = DirectSend.of(near)!;
    const bytes = Buffer.alloc(1 << 20, 'abcdefg');
    let taken = 0;
    for (let n = bytes.length; n === bytes.length; taken += n) n = direct.send(bytes);
    const last = taken % bytes.length;
    expect(direct.send(bytes)).toBe(0);
    near.end(bytes.subarray(last));
    expect(direct.send(bytes)).toBe(0); // the stream has bytes of its own now
    let heard = 0;
    let right = true;
    far.on('data', (chunk: Buffer) => {
      const at = heard % bytes.length;
      const head = chunk.subarray(0, bytes.length - at);
      right &&= head.equals(bytes.subarray(at, at + head.length));
      right &&= chunk.subarray(head.length).equals(bytes.subarray(0, chunk.length - head.length));
      heard += chunk.length;
    });
    far.resume();
    await once(far, 'end');
    expect(right).toBe(true);
    expect(heard).toBe(taken - last + bytes.length);
  },
);

test('nothing is sent on a socket that was destroyed, and a stream that is no socket has no such way', async () => {
  const [near] = await pair();
  const direct = DirectSend.of(near);
  near.destroy();
  expect(direct?.send(Buffer.from('x')) ?? 0).toBe(0);
  expect(DirectSend.of(near)).toBe(null);
  expect(DirectSend.of(new PassThrough())).toBe(null);
});
