/**
 * The checker: knows when the driver's own code runs and which skbs it owns, and says which rule it broke, and where.
 * It says so once for a rule and a place, and counts the rest, as WARN_ON_ONCE does; the driver goes on.
 */
import type { Host } from '@etherloom/netcore';
import { RULE_NAMES, RULES, type Rule } from './rules.ts';
import { type IsDriver, mark, placeOf, thrownText } from './where.ts';

export interface DriverReport {
  readonly rule: Rule;
  readonly device: string;
  /** What the driver did. */
  readonly text: string;
  /** What a kernel does then. */
  readonly kernel: string;
  /** `my-nic.ts:31`; the file alone, or null, when no stack and no function tells. */
  readonly where: string | null;
  /** The frame that it happened to, where that helps. */
  readonly frame: string | null;
  /** How often: the same object counts on. */
  count: number;
}

export interface CheckerOptions {
  readonly host: Host;
  /** The driver's file, for what has no line. */
  readonly file?: string;
  /** Which files are the driver's. */
  readonly isDriver: IsDriver;
  /** False: the driver runs as it would without a checker, and nothing is reported. */
  readonly enabled?: boolean;
  /** Hears of each rule and place once. */
  readonly onReport?: (report: DriverReport) => void;
  /** The line where a function of the driver stands, or where `word` stands in it: for what leaves no stack. */
  readonly locate?: (fn: unknown, word?: string) => string | null;
  /** Hears what of the driver runs now; null when it has returned. For a watchdog in another thread. */
  readonly onOp?: (op: string | null) => void;
}

export interface Evidence {
  readonly text: string;
  /** A mark of where it happened, when that is not here; or what was thrown there. */
  readonly at?: unknown;
  /** The function that it is about, and the word in it, when no stack tells. */
  readonly fn?: unknown;
  readonly word?: string;
  readonly frame?: string | null;
}

export class Checker {
  readonly enabled: boolean;
  readonly reports: DriverReport[] = [];
  readonly counts = new Map<Rule, number>(RULE_NAMES.map((rule) => [rule, 0]));
  device = '';
  /** What of the driver runs now; null outside of it. */
  op: string | null = null;
  readonly #options: CheckerOptions;
  readonly #seen = new Map<string, DriverReport>();

  constructor(options: CheckerOptions) {
    this.#options = options;
    this.enabled = options.enabled ?? true;
  }

  get now(): number {
    return this.#options.host.now();
  }

  /** Runs a part of the driver. */
  run<T>(op: string, fn: () => T): T {
    return this.#within(op, fn);
  }

  /** Runs what is not the driver's, though the driver called it. */
  outside<T>(fn: () => T): T {
    return this.#within(null, fn);
  }

  report(rule: Rule, evidence: Evidence): void {
    if (!this.enabled) return;
    this.counts.set(rule, this.counts.get(rule)! + 1);
    const { text, frame = null } = evidence;
    const where = this.#where(evidence);
    const known = this.#seen.get(`${rule} ${where ?? text}`);
    if (known !== undefined) {
      known.count++;
      return;
    }
    const report = { rule, device: this.device, text, kernel: RULES[rule], where, frame, count: 1 };
    this.#seen.set(`${rule} ${where ?? text}`, report);
    this.reports.push(report);
    this.#options.onReport?.(report);
  }

  /** An exception in `op`, which is `fn` of the driver. */
  oops(op: string, thrown: unknown, fn: unknown, frame: string | null = null): void {
    const text = `${op} throws ${thrownText(thrown)}`;
    const onStack = placeOf(thrown, this.#options.isDriver) !== null;
    this.report('oops', { text, at: thrown, fn: onStack ? undefined : fn, frame });
  }

  /** True, and reported, when `op` has returned a promise: a kernel calls functions, and does not wait. */
  isPromise(result: unknown, op: string, fn: unknown): boolean {
    if (!this.enabled || !(result instanceof Promise)) return false;
    result.catch((thrown: unknown) => this.oops(op, thrown, fn));
    this.report('async', { text: `${op} is async: it has returned a promise before its work was done`, fn });
    return true;
  }

  /** `my-nic.ts:31` of an earlier mark, or of what was thrown in `fn`, for texts. */
  place(at: unknown, fn?: unknown): string {
    const found = placeOf(at, this.#options.isDriver) ?? this.#options.locate?.(fn);
    return found ?? this.#options.file ?? 'an unknown place';
  }

  #where({ at, fn, word }: Evidence): string | null {
    const found = fn === undefined ? null : (this.#options.locate?.(fn, word) ?? null);
    return found ?? placeOf(at ?? mark(), this.#options.isDriver) ?? this.#options.file ?? null;
  }

  #within<T>(op: string | null, fn: () => T): T {
    const before = this.op;
    this.op = op;
    this.#options.onOp?.(op);
    try {
      return fn();
    } finally {
      this.op = before;
      this.#options.onOp?.(before);
    }
  }
}

/** One line for a log or a terminal. */
export function reportLine(report: DriverReport): string {
  const { rule, device, text, where, frame, count } = report;
  const times = count === 1 ? '' : ` (${count} times)`;
  return `${where ?? 'the driver'}: ${rule}: ${device}: ${text}${frame === null ? '' : ` [${frame}]`}${times}`;
}
