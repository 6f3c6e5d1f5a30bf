/** What `ethtool -K` says when something else came of it than what was asked. cf. ethtool netlink/features.c: show_feature_changes */
import { FEATURE_ALIASES, FEATURE_GROUPS } from '@etherloom/netcore';
import type { Ethtool } from '@etherloom/schema';

type Features = Ethtool['features'];

/** Null when what was asked for was done, and nothing else. */
export function featureChanges(
  before: Features,
  after: Features,
  wanted: Readonly<Record<string, boolean>>,
): string | null {
  const asked = new Map(
    Object.entries(wanted).flatMap(([given, value]) => linesOf(given).map((line) => [line, value] as const)),
  );
  const lines: string[] = [];
  let surprise = false;
  for (const [name, { active, requested }] of Object.entries(after)) {
    const want = asked.get(name);
    const unmet = want !== undefined && want !== active;
    if (requested === null || (!unmet && active === before[name]?.active)) continue;
    surprise ||= unmet || want === undefined;
    const why = unmet ? ` [requested ${onOff(want)}]` : want === undefined ? ' [not requested]' : '';
    lines.push(`${kernelName(name)}: ${onOff(active)}${why}`);
  }
  return surprise ? ['Actual changes:', ...lines].join('\n') : null;
}

/** The lines of `ethtool -k` that a name of `-K` stands for. */
function linesOf(given: string): readonly string[] {
  const name = FEATURE_ALIASES[given] ?? given;
  return FEATURE_GROUPS[name] ?? [name];
}

/** `-k` calls it generic-receive-offload, the kernel rx-gro. */
function kernelName(line: string): string {
  const names = Object.keys(FEATURE_ALIASES).filter((name) => FEATURE_ALIASES[name] === line);
  return names.find((name) => name.includes('-')) ?? line;
}

function onOff(value: boolean): string {
  return value ? 'on' : 'off';
}
