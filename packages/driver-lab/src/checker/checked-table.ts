/** The driver's tables as the core gets them: each function runs under the checker, and what it throws goes where it should. */
import { NetError } from '@etherloom/netcore';
import type { DriverUnderTest } from './driver-under-test.ts';
import { thrownText } from './where.ts';

type AnyOp = (...args: unknown[]) => unknown;

/** What the kernel calls without asking for a verdict, or cannot do without: an exception is told, and the caller goes on with this. */
const ANYHOW: Readonly<Record<string, AnyOp>> = {
  fillInfo: () => ({}),
  ndoStop: () => undefined,
  ndoUninit: () => undefined,
  dellink: () => undefined,
  ndoGetStats64: () => undefined,
  ndoTxTimeout: () => undefined,
  ndoSetRxMode: () => undefined,
  ndoSetRxGate: () => undefined,
  ndoSelectQueue: () => 0,
  ndoFixFeatures: (_dev, asked) => asked,
  getStrings: () => [],
  getEthtoolStats: () => [],
};

/** Wrapped functions by what they wrap, so that a table that is made of parts of another is not wrapped twice. */
const ORIGINAL = new WeakMap<AnyOp, AnyOp>();

/** A table in which every function runs under the checker; what is no function stays. It is const, as in a kernel. */
export function checkedTable<T extends object>(driver: DriverUnderTest, table: T): T {
  const out: Record<string, unknown> = {};
  for (const name of namesOf(table)) {
    const op = (table as Record<string, unknown>)[name];
    out[name] = typeof op === 'function' ? controlOp(driver, name, originalOf(op as AnyOp), table) : op;
  }
  return out as T;
}

/** Notes what a function of a checked table stands for. */
export function standsFor<F extends (...args: never[]) => unknown>(checked: F, op: unknown): F {
  if (typeof op === 'function') ORIGINAL.set(checked as unknown as AnyOp, op as AnyOp);
  return checked;
}

export function originalOf<F extends (...args: never[]) => unknown>(op: F): F {
  return (ORIGINAL.get(op as unknown as AnyOp) as unknown as F | undefined) ?? op;
}

/** Own ones and those of a class. */
function namesOf(table: object): Set<string> {
  const names = new Set<string>();
  for (let at = table; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name);
  }
  return names;
}

function controlOp(driver: DriverUnderTest, name: string, op: AnyOp, table: object): AnyOp {
  const checked: AnyOp = (...args) => {
    try {
      const result = driver.checker.run(name, () => op.apply(table, args));
      return driver.checker.isPromise(result, name, op) ? ANYHOW[name]?.(...args) : result;
    } catch (thrown) {
      return refused(driver, name, op, args, thrown);
    }
  };
  return standsFor(checked, op);
}

/** A refusal goes on to who asked; anything else that is thrown is a bug of the driver. */
function refused(
  driver: DriverUnderTest,
  name: string,
  op: AnyOp,
  args: unknown[],
  thrown: unknown,
): unknown {
  const { checker, dev } = driver;
  const anyhow = Object.hasOwn(ANYHOW, name) ? ANYHOW[name] : undefined;
  if (thrown instanceof NetError && anyhow === undefined) throw thrown;
  checker.oops(name, thrown, op);
  if (anyhow !== undefined) return anyhow(...args);
  const text = `${dev.name}: the driver's ${name} failed at ${checker.place(thrown, op)}: ${thrownText(thrown)}`;
  throw new NetError('EFAULT', text, { cause: thrown });
}
