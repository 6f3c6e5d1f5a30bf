/** Routes of the lab as a whole, and the probes. */
import { z } from 'zod';
import { Health } from './health.ts';
import { Lab, LabInput } from './lab.ts';
import { Plan } from './plan.ts';
import type { RouteSpec } from './route.ts';
import { strict } from './strict.ts';

const DryRun = strict({
  dryRun: z
    .union([z.boolean(), z.enum(['true', 'false', ''])], 'dryRun is true or false')
    .transform((v) => v === true || v === 'true' || v === '')
    .pipe(z.boolean())
    .default(false)
    .meta({ description: 'Return the plan and change nothing.' }),
});

const EXAMPLE = {
  name: 'two-hosts',
  nodes: {
    h1: { devices: { eth0: { ip: '10.0.0.1/24' } } },
    h2: { devices: { eth0: { ip: '10.0.0.2/24' } } },
  },
  links: [{ endpoints: ['h1:eth0', 'h2:eth0'], impair: { forward: { delay: '10ms', loss: '0.5%' } } }],
};

export const LAB_ROUTES = {
  getLab: {
    method: 'GET',
    path: '/v1/lab',
    tag: 'lab',
    summary: 'The whole lab, resolved',
    status: 200,
    response: Lab,
  },
  putLab: {
    method: 'PUT',
    path: '/v1/lab',
    tag: 'lab',
    summary: 'Replace the lab (JSON or YAML); returns what changed',
    query: DryRun,
    body: LabInput,
    example: EXAMPLE,
    status: 200,
    response: Plan,
  },
  deleteLab: {
    method: 'DELETE',
    path: '/v1/lab',
    tag: 'lab',
    summary: 'Remove everything from the lab; returns what changed',
    query: DryRun,
    status: 200,
    response: Plan,
  },
  healthz: {
    method: 'GET',
    path: '/healthz',
    tag: 'health',
    summary: 'Whether control is alive',
    status: 200,
    response: Health,
    open: true,
  },
  readyz: {
    method: 'GET',
    path: '/readyz',
    tag: 'health',
    summary: 'Whether the lab has converged; 503 says what is missing',
    status: 200,
    response: Health,
    open: true,
  },
} as const satisfies Record<string, RouteSpec>;
