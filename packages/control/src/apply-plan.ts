/** Carries a plan out on a lab document: what shows that plan() leaves nothing out. */
import { emptyLab, type Lab, type Link } from '@etherloom/schema';
import type { PlanStep } from './plan.ts';

/** The lab after `steps`; null when they remove it. Neither argument is changed. */
export function applyPlan(lab: Lab | null, steps: readonly PlanStep[]): Lab | null {
  let draft = lab === null ? null : structuredClone(lab);
  for (const step of steps) draft = applyStep(draft, step);
  return draft;
}

function applyStep(lab: Lab | null, { change: { kind, name }, value: shared }: PlanStep): Lab | null {
  const value = structuredClone(shared);
  if (kind === 'lab')
    return value === null ? null : { ...(lab ?? emptyLab()), ...(value as Pick<Lab, 'name'>) };
  if (lab === null) throw new Error(`${kind} ${name}: a plan for no lab begins with the lab`);
  switch (kind) {
    case 'node':
      setEntry(lab.nodes, name, value && { ...value, devices: lab.nodes[name]?.devices ?? {} });
      return lab;
    case 'device':
      setEntry(
        lab.nodes[name.slice(0, name.indexOf(':'))]!.devices,
        name.slice(name.indexOf(':') + 1),
        value,
      );
      return lab;
    case 'lan':
      setEntry(lab.lans, name, value);
      return lab;
    case 'link':
      lab.links = lab.links.filter((link) => link.name !== name);
      if (value !== null) lab.links.push(value as Link);
      return lab;
  }
}

function setEntry(entries: object, name: string, value: unknown): void {
  const record = entries as Record<string, unknown>;
  if (value === null) delete record[name];
  else record[name] = value;
}
