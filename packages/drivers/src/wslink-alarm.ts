/** The timer of a card that gathers: of the host, in microseconds. */
import type { NetDevice } from '@etherloom/netcore';

export function setAlarm(dev: NetDevice, fn: () => void, usecs: number): unknown {
  const { host } = dev.net;
  return host.alarms === undefined ? host.setTimer(fn, usecs / 1000) : host.alarms.set(fn, usecs / 1000);
}

export function clearAlarm(dev: NetDevice, alarm: unknown): void {
  if (alarm === null) return;
  const { host } = dev.net;
  if (host.alarms === undefined) host.clearTimer(alarm);
  else host.alarms.clear(alarm);
}
