/** What `ip -V` and `tc -V` print. */
import type { Command } from 'commander';

export function toolVersion(tool: 'ip' | 'tc' | 'ethtool', command: Command): string {
  const version = command.parent?.version() ?? '';
  return tool === 'ethtool'
    ? `ethtool version etherloom-${version}`
    : `${tool} utility, etherloom-${version}`;
}
