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
} from './services.ts';
