/** Names: of labs, nodes, LANs, links and interfaces. */
import { z } from 'zod';

/** Words that begin another kind of endpoint, so they cannot be a node. */
export const RESERVED_NODE_NAMES: readonly string[] = ['lan', 'raw', 'qemu', 'vde', 'pcap'];

const NAME_RULE = 'a name is 1 to 63 letters, digits, "_", "." or "-", and begins with a letter or digit';

export const Name = z
  .string(NAME_RULE)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, NAME_RULE)
  .meta({ description: `Name: ${NAME_RULE}.`, examples: ['office'] });
export type Name = z.output<typeof Name>;

export const NodeName = Name.refine((name) => !RESERVED_NODE_NAMES.includes(name.toLowerCase()), {
  error: (issue) =>
    `"${String(issue.input)}" is reserved: ${RESERVED_NODE_NAMES.join(', ')} begin other endpoints`,
}).meta({ description: `Node name: ${NAME_RULE}; not ${RESERVED_NODE_NAMES.join(', ')}.`, examples: ['h1'] });
export type NodeName = z.output<typeof NodeName>;

const LINK_RULE =
  'a link name is 1 to 200 letters, digits, "_", "." or "-", and begins with a letter or digit';

/** Longer than a Name, for a derived one holds two nodes and two devices. */
export const LinkName = z
  .string(LINK_RULE)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/, LINK_RULE)
  .meta({ description: `Link name: ${LINK_RULE}.`, examples: ['h1-eth0--office'] });
export type LinkName = z.output<typeof LinkName>;

const IFNAME_RULE =
  'an interface name is 1 to 15 ASCII characters without "/", ":", "%" or space, and not "." or ".."';

/** cf. dev_valid_name(); `%` is a template there, `__proto__` is no name in JavaScript. */
export const Ifname = z
  .string(IFNAME_RULE)
  .regex(/^(?!\.{1,2}$)(?!__proto__$)[!-$&-.0-9;-~]{1,15}$/, IFNAME_RULE)
  .meta({ description: `Interface name: ${IFNAME_RULE}.`, examples: ['eth0'] });
export type Ifname = z.output<typeof Ifname>;

const ALTNAME_RULE = 'an alternative name is 1 to 127 printable ASCII characters without space or "/"';

/** cf. ALTIFNAMSIZ */
export const AltName = z
  .string(ALTNAME_RULE)
  .regex(/^(?!__proto__$)[!-.0-~]{1,127}$/, ALTNAME_RULE)
  .meta({ description: `Alternative name: ${ALTNAME_RULE}.`, examples: ['enp0s1'] });

/** A device a lab may have: every node has its `lo` already. */
export const DeviceName = Ifname.refine((name) => name !== 'lo', {
  error: '"lo" is the loopback device, which every node has by itself: choose another name',
}).meta({ description: `Device name: ${IFNAME_RULE}; not lo.`, examples: ['eth0'] });
export type DeviceName = z.output<typeof DeviceName>;
