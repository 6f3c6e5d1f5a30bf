/** The route table: every REST route by the name of its operation. */
import type { RouteCall, RouteInput, RouteOutput } from './route.ts';
import { LAB_ROUTES } from './routes-lab.ts';
import { LAN_ROUTES } from './routes-lan.ts';
import { LINK_ROUTES } from './routes-link.ts';
import { DEVICE_ROUTES, NODE_ROUTES } from './routes-node.ts';
import { TRACE_ROUTES } from './routes-trace.ts';

export const ROUTES = {
  ...LAB_ROUTES,
  ...NODE_ROUTES,
  ...DEVICE_ROUTES,
  ...LAN_ROUTES,
  ...LINK_ROUTES,
  ...TRACE_ROUTES,
} as const;
export type RouteId = keyof typeof ROUTES;

export type InputOf<K extends RouteId> = RouteInput<(typeof ROUTES)[K]>;
export type CallOf<K extends RouteId> = RouteCall<(typeof ROUTES)[K]>;
export type OutputOf<K extends RouteId> = RouteOutput<(typeof ROUTES)[K]>;
