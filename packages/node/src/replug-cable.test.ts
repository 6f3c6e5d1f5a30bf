import { createMemoryPair, type Transport, type TransportHandler } from '@etherloom/transport';
import { expect, test } from 'vitest';
import { ReplugCable } from './replug-cable.ts';

const RECORD = new Uint8Array(4 + 60);
RECORD[3] = 60;

/** A queue of deferred work, and an end that writes down what it hears. */
function bench() {
  const later: (() => void)[] = [];
  const run = () => {
    while (later.length > 0) later.shift()!();
  };
  const pair = () => createMemoryPair((fn) => later.push(fn));
  return { run, pair };
}

function listen(transport: Transport): string[] {
  const heard: string[] = [];
  transport.handler = {
    linkUp: () => heard.push('up'),
    linkDown: () => heard.push('down'),
    message: (_buf, _offset, _length, frames) => heard.push(`frames ${frames}`),
    sent: (token) => heard.push(`sent ${token}`),
    control: (message) => heard.push(message.type),
  } satisfies TransportHandler;
  return heard;
}

test('a loose cable is down and refuses frames', () => {
  const cable = new ReplugCable();
  cable.open();
  expect(cable.up).toBe(false);
  expect(cable.send(RECORD, 0, 64, 1)).toBe(false);
});

test('frames cross the transport that is plugged in, and loans come home', () => {
  const { run, pair } = bench();
  const [near, far] = pair();
  const cable = new ReplugCable();
  const heard = listen(cable);
  const farHeard = listen(far);
  cable.open();
  cable.plug(near);
  far.open();
  run();
  expect(cable.send(RECORD, 0, 64, 7)).toBe(true);
  far.send(RECORD, 0, 64, 1);
  run();
  expect(heard).toEqual(['up', 'sent 7', 'frames 1']);
  expect(farHeard).toEqual(['up', 'frames 1', 'sent 1']);
});

test('plugged in elsewhere it goes down once, returns what was on loan, and comes up there', () => {
  const { run, pair } = bench();
  const [near, far] = pair();
  const [otherNear, otherFar] = pair();
  const cable = new ReplugCable();
  const heard = listen(cable);
  cable.open();
  cable.plug(near);
  far.open();
  otherFar.open();
  run();
  cable.send(RECORD, 0, 64, 9);
  cable.plug(otherNear);
  run();
  expect(heard).toEqual(['up', 'sent 9', 'down', 'up']);
  expect(cable.up).toBe(true);
});

test('pulled out it goes down and stays so', () => {
  const { run, pair } = bench();
  const [near, far] = pair();
  const cable = new ReplugCable();
  const heard = listen(cable);
  cable.open();
  cable.plug(near);
  far.open();
  run();
  cable.plug(null);
  run();
  far.open();
  run();
  expect(heard).toEqual(['up', 'down']);
  expect(cable.up).toBe(false);
});

test('a transport that was pulled out is heard no more, but what it had on loan comes home', () => {
  const { run, pair } = bench();
  const [near, far] = pair();
  const [otherNear, otherFar] = pair();
  const cable = new ReplugCable();
  const heard = listen(cable);
  for (const end of [far, otherFar]) {
    listen(end);
    end.open();
  }
  cable.open();
  cable.plug(near);
  run();
  const pulled = near.handler!;
  cable.plug(otherNear);
  run();
  heard.length = 0;
  pulled.message(RECORD, 0, 64, 1);
  pulled.linkDown('late');
  pulled.sent(7);
  expect(heard).toEqual(['sent 7']);
});
