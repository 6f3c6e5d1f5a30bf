/** Compares a run's figures with the bars. */
import { median } from '../statistics.ts';
import type { Condition, Row } from './table.ts';
import type { Figure } from './trial.ts';

export type Verdict = 'stretch met' | 'met' | 'falls short' | 'not measured';
/** From the best to the worst. */
const ORDER: readonly Verdict[] = ['stretch met', 'met', 'falls short', 'not measured'];

export interface Judged {
  readonly condition: Condition;
  readonly figure: Figure | null;
  readonly verdict: Verdict;
  readonly rivals: readonly Figure[];
}

export interface JudgedRow {
  readonly what: string;
  readonly conditions: readonly Judged[];
  /** That of the condition that is met worst. */
  readonly verdict: Verdict;
}

export function judge(rows: readonly Row[], figures: readonly Figure[]): JudgedRow[] {
  const byId = new Map(figures.map((figure) => [figure.id, figure]));
  return rows.map(({ what, conditions }) => {
    const judged = conditions.map((condition) => judgeOne(condition, byId));
    return { what, conditions: judged, verdict: worst(judged.map(({ verdict }) => verdict)) };
  });
}

function judgeOne(condition: Condition, figures: ReadonlyMap<string, Figure>): Judged {
  const figure = figures.get(condition.figure) ?? null;
  const rivals = (condition.rivals ?? []).flatMap((id) => figures.get(id) ?? []);
  const verdict = figure === null ? 'not measured' : verdictOf(condition, median(figure.samples));
  return { condition, figure, verdict, rivals };
}

function verdictOf({ is, bar, stretch }: Condition, value: number): Verdict {
  const reaches = (goal: number) => (is === 'at least' ? value >= goal : value <= goal);
  if (reaches(stretch) && reaches(bar)) return 'stretch met';
  return reaches(bar) ? 'met' : 'falls short';
}

function worst(verdicts: readonly Verdict[]): Verdict {
  return ORDER[Math.max(...verdicts.map((verdict) => ORDER.indexOf(verdict)))]!;
}
