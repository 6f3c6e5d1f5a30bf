/** A plan as people read it: a line for each thing that is added (+), removed (-) or changed (~). */
import type { Plan, PlanChange } from '@etherloom/schema';

const SIGN = { add: '+', remove: '-', change: '~' } as const;

export function formatPlan(plan: Plan): string {
  return plan.changes.map(changeText).join('\n');
}

function changeText({ op, kind, name, fields }: PlanChange): string {
  const head = `${SIGN[op]} ${kind} ${name}`;
  const details = Object.entries(fields ?? {}).map(([field, { from, to }]) =>
    op === 'change' ? `    ${field}: ${show(from)} -> ${show(to)}` : `    ${field}: ${show(to ?? from)}`,
  );
  return [head, ...details].join('\n');
}

function show(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
