/** A rung: what stands between a source and a sink that send and count the same bytes. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Account } from '../report/trial.ts';
import { LadderChild } from './ladder-child.ts';

export interface Rung {
  readonly id: string;
  readonly label: string;
  readonly source: LadderChild;
  readonly sink: LadderChild;
  /** CPU seconds of what stands between; null where nothing does. */
  middle(): number | null;
  /** Where every frame went, at rest. */
  account(): Promise<Account>;
  close(): Promise<void>;
}

export interface RungSpec {
  readonly id: string;
  readonly label: string;
  readonly open: (size: number, folder: string) => Promise<Rung>;
}

export const end = (role: string, kind: string, url: string, size: number, ...more: string[]) =>
  new LadderChild('end-process.ts', [
    '--role',
    role,
    '--kind',
    kind,
    '--url',
    url,
    '--size',
    String(size),
    ...more,
  ]);

/** Sent and received once nothing comes any more; `drops` by the middle. */
export async function settle(
  what: string,
  { source, sink }: Pick<Rung, 'source' | 'sink'>,
  drops: () => Promise<Record<string, number>> = async () => ({}),
): Promise<Account> {
  const deadline = performance.now() + 5000;
  for (;;) {
    const expected = (await source.ask('report')).sent!;
    const received = (await sink.ask('report')).received!;
    const sums = await drops();
    const missing = expected - received - Object.values(sums).reduce((a, b) => a + b, 0);
    if (missing === 0 || performance.now() > deadline) return { what, expected, received, drops: sums };
    await delay(50);
  }
}
