import { expect, test } from 'vitest';
import { Progress } from './output.ts';

function watched(isTTY: boolean) {
  const written: string[] = [];
  let now = 0;
  const stream = { isTTY, write: (text: string) => written.push(text) };
  const progress = new Progress(stream, () => now);
  return { progress, written, pass: (ms: number) => (now += ms) };
}

test('off a terminal a wait of a minute in which much changes prints a handful of lines', () => {
  const { progress, written, pass } = watched(false);
  for (let i = 0; i < 600; i++) {
    progress.show(`Waiting: ${600 - i} things`);
    pass(100);
  }
  expect(written).toEqual([600, 580, 540, 460, 300].map((n) => `Waiting: ${n} things\n`));
});

test('off a terminal nothing is printed twice in a row', () => {
  const { progress, written, pass } = watched(false);
  for (let i = 0; i < 600; i++) {
    progress.show('Waiting: node h1');
    pass(100);
  }
  expect(written).toEqual(['Waiting: node h1\n']);
});

test.each([
  [20, 'Waiting: node h1 ...'.slice(0, 16).concat('...')],
  [2, '.'],
  [undefined, 'Waiting: node h1 has not applied the lab'],
])('on a terminal of %s columns a line does not wrap, so that it can be taken back', (columns, shown) => {
  const written: string[] = [];
  const progress = new Progress({
    isTTY: true,
    columns: columns as number,
    write: (text) => written.push(text),
  });
  progress.show('Waiting: node h1 has not applied the lab');
  expect(written).toEqual([`\r\u001b[K${shown}`]);
});

test('on a terminal each change is shown in place, and cleared away at the end', () => {
  const { progress, written } = watched(true);
  progress.show('a');
  progress.show('a');
  progress.show('b');
  progress.clear();
  progress.clear();
  expect(written).toEqual(['\r\u001b[Ka', '\r\u001b[Kb', '\r\u001b[K']);
});
