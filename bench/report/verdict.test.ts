import { describe, expect, test } from 'vitest';
import { rows } from './table.ts';
import { judge } from './verdict.ts';

const figure = (id: string, ...samples: number[]) => ({ id, label: id, unit: 'x', samples });
const most = { figure: 'ns', is: 'at most', bar: 100, stretch: 67, unit: 'ns' } as const;
const least = { figure: 'mpps', is: 'at least', bar: 3, stretch: 6, unit: 'Mpps' } as const;
const verdicts = (
  conditions: readonly (typeof most | typeof least)[],
  ...figures: ReturnType<typeof figure>[]
) => judge([{ what: 'row', conditions }], figures)[0]!.verdict;

describe('verdicts', () => {
  test('less is better where a bar is a most', () => {
    expect(verdicts([most], figure('ns', 67))).toBe('stretch met');
    expect(verdicts([most], figure('ns', 100))).toBe('met');
    expect(verdicts([most], figure('ns', 101))).toBe('falls short');
  });

  test('more is better where a bar is a least', () => {
    expect(verdicts([least], figure('mpps', 6))).toBe('stretch met');
    expect(verdicts([least], figure('mpps', 3))).toBe('met');
    expect(verdicts([least], figure('mpps', 2.99))).toBe('falls short');
  });

  test('the median of the rounds counts, not the best of them', () => {
    expect(verdicts([least], figure('mpps', 1, 2, 9))).toBe('falls short');
  });

  test('a row is as good as its worst condition', () => {
    expect(verdicts([most, least], figure('ns', 50), figure('mpps', 4))).toBe('met');
    expect(verdicts([most, least], figure('ns', 50), figure('mpps', 1))).toBe('falls short');
  });

  test('what was not measured is not met', () => {
    expect(verdicts([most, least], figure('ns', 50))).toBe('not measured');
  });

  test('rivals of the same run stand beside it', () => {
    const conditions = [{ ...most, rivals: ['theirs', 'absent'] }];
    const [row] = judge([{ what: 'row', conditions }], [figure('ns', 1), figure('theirs', 7)]);
    expect(row!.conditions[0]!.rivals.map(({ id }) => id)).toEqual(['theirs']);
  });

  test('no stretch is easier than its bar', () => {
    for (const { is, bar, stretch, figure: id } of rows.flatMap(({ conditions }) => conditions))
      expect(is === 'at least' ? stretch >= bar : stretch <= bar, id).toBe(true);
  });
});
