/** Routes of traces. */
import { z } from 'zod';
import type { RouteSpec } from './route.ts';
import { strict } from './strict.ts';
import { Trace, TraceRequest } from './trace.ts';

const trace = {
  path: '/v1/traces/{trace}',
  tag: 'trace',
  params: strict({ trace: z.string().regex(/^[0-9a-z]{1,16}$/, 'no id of a trace') }),
} as const;

export const TRACE_ROUTES = {
  createTrace: {
    method: 'POST',
    path: '/v1/traces',
    tag: 'trace',
    summary: 'Follow frames from now on, through nodes and switch',
    body: TraceRequest,
    example: { filter: { proto: 'icmp', dst: '10.0.0.2' }, count: 1, timeout: '5s' },
    status: 201,
    response: Trace,
  },
  getTrace: {
    ...trace,
    method: 'GET',
    summary: 'What was seen so far: each frame with its events in order of time',
    status: 200,
    response: Trace,
  },
  deleteTrace: { ...trace, method: 'DELETE', summary: 'End a trace and forget it', status: 204 },
} as const satisfies Record<string, RouteSpec>;
