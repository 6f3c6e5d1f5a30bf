import { setImmediate as immediate } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { endOfTurn, eventDone } from './turn.ts';

/** What was left by each of the events of a turn, and `|` where the event was over. */
let seen = '';

function event(name: string): void {
  endOfTurn(() => {
    seen += name;
  });
  eventDone();
  seen += '|';
}

beforeEach(async () => {
  event('');
  for (let i = 0; i < 3; i++) await immediate();
  seen = '';
});

test('the work of the only event of a turn is done right behind it', async () => {
  event('a');
  expect(seen).toBe('a|');
  await immediate();
  expect(seen).toBe('a|');
});

test('the work of later events of a turn waits for its end', async () => {
  event('a');
  event('b');
  event('c');
  await immediate();
  expect(seen).toBe('a|||bc');
});

test('behind a turn of many events the first one waits too, until turns bring one each again', async () => {
  event('a');
  event('b');
  await immediate();
  event('c');
  await immediate();
  event('d');
  expect(seen).toBe('a||b|cd|');
});

test('work left outside of events waits for the end of the turn, also behind events', async () => {
  endOfTurn(() => {
    seen += 'x';
  });
  expect(seen).toBe('');
  await immediate();
  expect(seen).toBe('x');
});

test('work that the work leaves is done as well, and for ever only once a turn', async () => {
  let runs = 0;
  const again = (): void => {
    runs++;
    if (runs < 10) endOfTurn(again);
  };
  endOfTurn(again);
  eventDone();
  expect(runs).toBe(3);
  await immediate();
  expect(runs).toBe(4);
  while (runs < 10) await immediate();
});

test('one that throws does not take the others with it', async () => {
  endOfTurn(() => {
    throw new Error('mine');
  });
  endOfTurn(() => {
    seen += 'b';
  });
  expect(eventDone).toThrow('mine');
  await immediate();
  await immediate();
  expect(seen).toBe('b');
});
