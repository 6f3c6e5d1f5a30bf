export { type ApiOptions, createApi } from './app.ts';
export { HttpError, problemOf } from './errors.ts';
export { type LabTextOptions, parseLabText } from './lab-text.ts';
export type {
  Awaitable,
  DeviceService,
  HealthService,
  LabService,
  LanService,
  LinkRequest,
  LinkService,
  NodeService,
  Services,
  TraceService,
} from './services.ts';
