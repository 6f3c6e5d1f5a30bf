import { heapPerCall } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { AlarmClock } from './alarm-clock.ts';

test('alarms ring each once, and a cleared one does not', async () => {
  const clock = new AlarmClock();
  const rung: string[] = [];
  const set = (name: string, ms: number) => clock.set(() => rung.push(name), ms);
  set('b', 20);
  set('a', 10);
  clock.clear(set('x', 15));
  await new Promise<void>((resolve) => clock.set(resolve, 40));
  expect(rung.sort()).toEqual(['a', 'b']);
});

test('alarms of which several are due at once ring in the order of their time', () => {
  let wake = () => {};
  const clock = new AlarmClock((ring) => {
    wake = ring;
    return { ready: true, until: () => {} };
  });
  const rung: number[] = [];
  for (const late of [3, 1, 5, 2, 4]) clock.set(() => rung.push(late), -late * 1e6);
  wake();
  expect(rung).toEqual([5, 4, 3, 2, 1]);
});

test('none rings before its time, from the first, which still has no thread, on', async () => {
  const clock = new AlarmClock();
  const early: number[] = [];
  for (let i = 0; i < 60; i++) {
    const ms = (i % 7) * 0.37;
    const due = performance.now() + ms;
    await new Promise<void>((resolve) => clock.set(resolve, ms));
    if (performance.now() < due) early.push(i);
  }
  expect(early).toEqual([]);
});

test('an alarm that sets the next one, and one that is set for now, ring', async () => {
  const clock = new AlarmClock();
  let rung = 0;
  await new Promise<void>((resolve) => {
    const again = () => {
      if (++rung === 50) resolve();
      else clock.set(again, rung % 2 === 0 ? 0 : 0.2);
    };
    clock.set(again, 0);
  });
  expect(rung).toBe(50);
});

test('a sleeper that dies is replaced by timers: what waited still rings', async () => {
  let changed = () => {};
  const sleeper = { ready: true, until: () => {} };
  const clock = new AlarmClock((_wake, tell) => {
    changed = tell;
    return sleeper;
  });
  const rung = new Promise((resolve) => clock.set(() => resolve('rung'), 5));
  sleeper.ready = false;
  changed();
  expect(await rung).toBe('rung');
});

test('one that throws takes no other with it', () => {
  let wake = () => {};
  const clock = new AlarmClock((ring) => {
    wake = ring;
    return { ready: true, until: () => {} };
  });
  let rung = 0;
  clock.set(() => {
    throw new Error('of the alarm');
  }, -2);
  clock.set(() => rung++, -1);
  expect(wake).toThrow('of the alarm');
  wake();
  expect(rung).toBe(1);
});

test('setting, clearing and ringing make no objects, and touch no other', () => {
  let wake = () => {};
  const clock = new AlarmClock((ring) => {
    wake = ring;
    return { ready: true, until: () => {} };
  });
  let rung = 0;
  let early = 0;
  const count = () => {
    rung++;
  };
  const long = [50_000, 60_000].map((ms) => clock.set(() => early++, ms));
  const once = () => {
    const gone = clock.set(count, 10);
    clock.set(count, -1);
    clock.clear(gone);
    wake();
  };
  const { now } = performance;
  try {
    performance.now = () => 7; // Node's own makes an object of each time
    expect(heapPerCall(once, { clean: 32 })).toBeLessThan(32); // one number in passing
  } finally {
    performance.now = now;
  }
  const before = rung;
  once();
  expect([rung - before, early]).toEqual([1, 0]);
  for (const alarm of long) clock.clear(alarm);
});
