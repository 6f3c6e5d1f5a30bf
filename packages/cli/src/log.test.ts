import { pino } from 'pino';
import { expect, test } from 'vitest';
import { progressText } from './converge.ts';
import { textLine } from './log.ts';
import { relay } from './up/node-process.ts';

function logger() {
  const lines: Record<string, unknown>[] = [];
  return { lines, log: pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line)) }) };
}

test('a log line is read by a person: time, level, node, text, reason, fields', () => {
  const line = textLine(
    '{"level":40,"time":0,"node":"h1","msg":"lost control","code":1006,"err":{"message":"gone"}}\n',
  );
  expect(line).toMatch(/^\d\d:\d\d:\d\d warn h1: lost control: gone code=1006\n$/);
});

test('what a node logs goes on at its level and under its name', () => {
  const { lines, log } = logger();
  relay(log.child({ node: 'h1' }), '{"level":40,"time":1,"msg":"lost control","code":1006}');
  relay(log.child({ node: 'h1' }), 'Segmentation fault');
  expect(lines).toMatchObject([
    { level: 40, node: 'h1', msg: 'lost control', code: 1006 },
    { level: 30, node: 'h1', msg: 'Segmentation fault' },
  ]);
});

test('progress is one line, whatever is missing', () => {
  expect(progressText(['node h1 is not connected'])).toBe('Waiting: node h1 is not connected');
  expect(progressText(['a', 'b', 'c'])).toBe('Waiting: a (and 2 more)');
});
