/** The driver's ethtool table, with the counters of the card and the checker behind its own. */
import type { EthtoolOps, NetDevice } from '@etherloom/netcore';
import { NIC_COUNTER_NAMES, nicCounterValues } from '../nic/nic-counters.ts';
import { checkedTable, originalOf } from './checked-table.ts';
import type { DriverUnderTest } from './driver-under-test.ts';
import { RULE_NAMES } from './rules.ts';

const NAMES = new Set<string>(NIC_COUNTER_NAMES);

export function checkedEthtoolOps(driver: DriverUnderTest, ops: EthtoolOps): EthtoolOps {
  const { checker, nic } = driver;
  const own = checkedTable(driver, ops);
  const rules = checker.enabled ? RULE_NAMES : [];
  const names = [...NIC_COUNTER_NAMES, ...rules.map((rule) => `checker_${rule.replaceAll('-', '_')}`)];
  const values = () => [...nicCounterValues(nic.counters), ...rules.map((rule) => checker.counts.get(rule)!)];
  return Object.freeze({
    getLinkKsettings: () => ({ speed: 10_000, duplex: 'full', autoneg: false, port: 'Other' }),
    ...own,
    getStrings: (dev) => [...ownNames(driver, own, dev), ...names],
    getEthtoolStats: (dev) => [...ownValues(driver, own, dev), ...values()],
  } satisfies EthtoolOps);
}

function ownNames(driver: DriverUnderTest, own: EthtoolOps, dev: NetDevice): string[] {
  const names: unknown = own.getStrings?.(dev) ?? [];
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) {
    return (names as string[]).filter((name) => !NAMES.has(name)); // a table that is made of parts of the one before
  }
  wrong(driver, own.getStrings, 'getStrings returns no array of names');
  return [];
}

/** As many as there are names, or each would stand beside the name of another. */
function ownValues(driver: DriverUnderTest, own: EthtoolOps, dev: NetDevice): number[] {
  const names = ownNames(driver, own, dev);
  const values: unknown = own.getEthtoolStats?.(dev) ?? [];
  if (!Array.isArray(values) || !values.every((value) => Number.isFinite(value))) {
    wrong(driver, own.getEthtoolStats, 'getEthtoolStats returns no array of numbers');
    return names.map(() => 0);
  }
  if (values.length !== names.length) {
    const text = `getStrings has ${names.length} names, and getEthtoolStats ${values.length} values`;
    wrong(driver, own.getEthtoolStats ?? own.getStrings, text);
  }
  return names.map((_, i) => (values[i] as number | undefined) ?? 0);
}

function wrong(
  { checker }: DriverUnderTest,
  op: EthtoolOps['getStrings' | 'getEthtoolStats'],
  text: string,
): void {
  checker.report('ops-return', {
    text,
    fn: op === undefined ? undefined : originalOf<(...args: never[]) => unknown>(op),
  });
}
