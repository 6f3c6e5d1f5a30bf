/** What `etherloom ethtool --help` adds. */
export const ETHTOOL_HELP = `
As ethtool(8); DEV may be written NODE:DEV, or -n NODE in front picks the node.
  etherloom ethtool [-j|--json] [-n NODE] DEV                      speed, duplex, link
  etherloom ethtool -i|--driver DEV                                which driver
  etherloom ethtool -k|--show-features DEV                         offloads;      -K|--features DEV NAME on|off ...
  etherloom ethtool -g|--show-ring DEV                             rings;         -G|--set-ring DEV [rx N] [tx N]
  etherloom ethtool -c|--show-coalesce DEV                         coalescing;    -C|--coalesce DEV [rx-usecs N]
                                                                   [rx-frames N] [tx-usecs N] [tx-frames N]
  etherloom ethtool -a|--show-pause DEV                            pause frames;  -A|--pause DEV [autoneg on|off]
                                                                   [rx on|off] [tx on|off]
  etherloom ethtool -l|--show-channels DEV                         queues;        -L|--set-channels DEV [rx N] [tx N]
                                                                   [combined N]
  etherloom ethtool -S|--statistics DEV                            what the driver counts
  etherloom ethtool -P|--show-permaddr DEV                         the address it was born with
  etherloom ethtool -s|--change DEV [speed N] [duplex half|full] [autoneg on|off]

Examples:
  etherloom ethtool h1:eth0
  etherloom ethtool -G h1:eth0 rx 512 tx 512
  etherloom ethtool -C h1:eth0 rx-usecs 50 rx-frames 64
  etherloom ethtool -K h1:eth0 tso off gro off
  etherloom ethtool -n h1 --json -k eth0`;
