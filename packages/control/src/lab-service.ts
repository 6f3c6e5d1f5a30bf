/** `/v1/lab`: the whole lab, replaced at once or not at all. */
import type { LabService } from '@etherloom/api';
import type { Lab, Plan } from '@etherloom/schema';
import type { Change, DesiredLab } from './desired-lab.ts';
import { labOf } from './lab-edit.ts';

export function labService(desired: DesiredLab): LabService {
  return {
    get: async () => labOf(desired.current),
    put: async (lab: Lab, { dryRun }) =>
      planOf(await desired.change(() => lab, { dryRun }), lab.name, dryRun),
    delete: async ({ dryRun }) => {
      const name = desired.current?.name ?? '';
      return planOf(await desired.change(() => null, { dryRun }), name, dryRun);
    },
  };
}

function planOf({ steps }: Change, lab: string, dryRun: boolean): Plan {
  return { lab, dryRun, changes: steps.map((step) => step.change) };
}
