/** NAPI under the checker: budgets, completions, and what the interrupt line does meanwhile. */
import {
  netifNapiAdd as coreNetifNapiAdd,
  type Napi,
  type NapiPoll,
  type NetDevice,
} from '@etherloom/netcore';
import { NIC_IRQ_RX } from '../nic/nic-irq.ts';
import { type DriverUnderTest, underTest, type WatchedNapi } from './driver-under-test.ts';
import { mark } from './where.ts';

/** What happens within one poll. */
interface Turn {
  completedAt: Error | null;
  /** What completeDone said. */
  completed: boolean;
}

/** Adds a NAPI instance to a device, disabled: enable it in ndoOpen. */
export function netifNapiAdd(dev: NetDevice, poll: NapiPoll, weight?: number): Napi {
  const driver = underTest(dev);
  if (driver === null) return coreNetifNapiAdd(dev, poll, weight);
  if (!driver.checker.enabled) return uncheckedNapi(driver, poll, weight);
  const turn: Turn = { completedAt: null, completed: false };
  const napi = coreNetifNapiAdd(dev, (_, budget) => checkedPoll(driver, watched, turn, budget), weight);
  const watched: WatchedNapi = { napi, poll, addedAt: mark(), scheduledAt: null };
  const schedule = napi.schedule.bind(napi);
  napi.schedule = () => {
    watched.scheduledAt = mark();
    return schedule();
  };
  const completeDone = napi.completeDone.bind(napi);
  napi.completeDone = (work) => {
    turn.completedAt = mark();
    turn.completed = completeDone(work);
    return turn.completed;
  };
  checkState(driver, napi);
  driver.napis.push(watched);
  return napi;
}

/** Run by name all the same, for the watchdog. */
function uncheckedNapi(driver: DriverUnderTest, poll: NapiPoll, weight?: number): Napi {
  const named: NapiPoll = (napi, budget) => driver.checker.run('the NAPI poll', () => poll(napi, budget));
  return coreNetifNapiAdd(driver.dev, named, weight);
}

/** Where a kernel would stop for good, enable and disable are told and done. */
function checkState(driver: DriverUnderTest, napi: Napi): void {
  for (const name of ['enable', 'disable'] as const) {
    const change = napi[name].bind(napi);
    napi[name] = () => {
      try {
        change();
      } catch {
        driver.checker.report('napi-state', { text: `napi.${name}() of an instance that is ${name}d` });
      }
    };
  }
}

function checkedPoll(driver: DriverUnderTest, watched: WatchedNapi, turn: Turn, budget: number): number {
  const { checker } = driver;
  const delivered = driver.delivered;
  turn.completedAt = null;
  turn.completed = false;
  let work: number;
  try {
    work = checker.run('the NAPI poll', () => watched.poll(watched.napi, budget));
  } catch (thrown) {
    checker.oops('the NAPI poll', thrown, watched.poll);
    return abandoned(watched, budget);
  }
  if (checker.isPromise(work, 'the NAPI poll', watched.poll)) return abandoned(watched, budget);
  return checkTurn(driver, watched, turn, { budget, work, delivered: driver.delivered - delivered });
}

/** Nobody knows how far it came: the instance is let go, so that the next interrupt polls it again. */
function abandoned({ napi }: WatchedNapi, budget: number): number {
  if (budget > 0 && napi.scheduled) napi.completeDone(0);
  return 0;
}

interface PollResult {
  readonly budget: number;
  readonly work: number;
  readonly delivered: number;
}

function checkTurn(
  driver: DriverUnderTest,
  watched: WatchedNapi,
  turn: Turn,
  { budget, work, delivered }: PollResult,
): number {
  const { checker } = driver;
  const { poll: fn, addedAt: at, napi } = watched;
  const done = turn.completedAt;
  if (budget === 0) {
    if (done !== null)
      checker.report('napi-complete-budget-0', { text: 'completeDone in a poll with budget 0', at: done });
    else if (delivered > 0) {
      const text = `${delivered} frames are received in a poll with budget 0`;
      checker.report('napi-complete-budget-0', { text, at: driver.deliveredAt });
    }
    return 0;
  }
  if (!(work >= 0 && work <= budget && delivered <= budget)) {
    const text = `the poll has a budget of ${budget}, delivers ${delivered} frames and returns ${String(work)}`;
    checker.report('napi-over-budget', { text, fn, at: delivered > budget ? driver.deliveredAt : at });
    return Math.min(Math.max(0, work || 0), budget);
  }
  if (work === budget && done !== null) {
    const text = `completeDone, and then the poll returns its whole budget of ${budget}`;
    checker.report('napi-complete-full-budget', { text, at: done });
    return work - 1; // or this very node would poll it twice
  }
  if (work < budget && done === null && napi.scheduled) {
    const text = `the poll returns ${work} of ${budget} without completeDone`;
    checker.report('napi-not-completed', { text, fn, at });
  }
  checkLine(driver, turn);
  return work;
}

/** While the instance is scheduled the line stays masked: from the handler's schedule to a completeDone that said true. */
function checkLine(driver: DriverUnderTest, turn: Turn): void {
  if (turn.completedAt === null || turn.completed || !unmasked(driver)) return;
  const text = 'the interrupt is unmasked although completeDone said false: it will be polled again';
  driver.checker.report('irq-unmasked', { text, at: turn.completedAt });
}

export function unmasked(driver: DriverUnderTest): boolean {
  return (driver.nic.irq.enabled & NIC_IRQ_RX) !== 0;
}
