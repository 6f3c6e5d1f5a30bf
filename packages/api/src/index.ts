export { createApi } from './app.ts';
export { parseLabText } from './lab-text.ts';
export type {
  Awaitable,
  DeviceService,
  HealthService,
  LabService,
  LanService,
  LinkService,
  NodeService,
  Services,
  TraceService,
} from './services.ts';
