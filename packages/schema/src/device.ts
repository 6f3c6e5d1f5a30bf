/** A device as a lab asks for it, as it is resolved, as it is patched, as a node is told. */
import { z } from 'zod';
import { EthtoolPatch } from './ethtool.ts';
import { Cidr, Ip } from './ip.ts';
import { Mac } from './mac.ts';
import { AltName, DeviceName } from './names.ts';
import { QdiscConfig, QdiscInput } from './qdisc.ts';
import { strict } from './strict.ts';

export const ETH_MIN_MTU = 68;
export const ETH_MAX_MTU = 65_535;
export const ETH_DATA_LEN = 1500;

const MTU_RULE = `an MTU is a whole number from ${ETH_MIN_MTU} to ${ETH_MAX_MTU}`;

const mtuUpTo = (max: number) =>
  z
    .int(MTU_RULE)
    .min(ETH_MIN_MTU, `mtu less than device minimum: ${MTU_RULE}`)
    .max(max, `mtu greater than device maximum: ${MTU_RULE}`)
    .meta({ description: `MTU in bytes, ${ETH_MIN_MTU} to ${ETH_MAX_MTU}.`, examples: [1500] });

export const Mtu = mtuUpTo(ETH_MAX_MTU);
/** What `lo` has, and can be given back; any other device refuses it. */
const LOOPBACK_MTU = 65_536;

export const DeviceKind = z.enum(['wslink', 'dummy'], 'kind is "wslink" (the default) or "dummy"');
export type DeviceKind = z.output<typeof DeviceKind>;

const Up = z.boolean().meta({ description: 'Administratively up (IFF_UP).' });
const Txqlen = z.int().min(0).max(1_000_000).meta({ description: 'Transmit queue length in frames.' });
const Promisc = z.boolean().meta({ description: 'Receive every frame, whoever it is for.' });
const Ifalias = z
  .string()
  .max(255)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'an alias is one line of text')
  .meta({ description: 'Free text.' });

const IpList = z
  .union([Cidr, z.array(Cidr).max(64)], { error: 'write one address with its prefix, or a list of them' })
  .transform((ip) => (typeof ip === 'string' ? [ip] : ip))
  .pipe(z.array(z.string()))
  .meta({ description: 'One address with prefix length, or a list.', examples: ['10.0.0.1/24'] });

const GROUP_RULE = 'a group is a number, or "default" for 0';
const Group = z
  .preprocess(
    (written: number | 'default') => (written === 'default' ? 0 : written),
    z.int(GROUP_RULE).min(0, GROUP_RULE).max(0xffffffff, GROUP_RULE),
  )
  .meta({ description: 'Number of the group the device belongs to; 0 is "default".' });
const Mode = z
  .enum(['default', 'dormant'], 'mode is "default" or "dormant"')
  .meta({ description: 'Link mode: "dormant" waits in DORMANT instead of going UP.' });
const AltNames = z.array(AltName).max(32);
const Qdiscs = {
  description:
    'Queueing disciplines in front of the wire, the root first; absent: the default of the device. With stack kernel, Linux has its own before them.',
};

const optionalShape = {
  txqlen: Txqlen.optional(),
  promisc: Promisc.optional(),
  allmulticast: z.boolean().optional().meta({ description: 'Receive every multicast frame.' }),
  multicast: z.boolean().optional().meta({ description: 'The MULTICAST flag.' }),
  arp: z.boolean().optional().meta({ description: 'false sets the NOARP flag.' }),
  group: Group.optional(),
  mode: Mode.optional(),
  ifalias: Ifalias.optional(),
};

const keptShape = {
  altnames: AltNames.optional().meta({ description: 'Further names, as `ip link property add`.' }),
  ethtool: EthtoolPatch.optional().meta({ description: 'Driver settings, as PATCH .../ethtool takes them.' }),
};

const inputShape = {
  kind: DeviceKind.default('wslink').meta({
    description: 'wslink: its wire is a WebSocket; dummy: drops what it sends.',
  }),
  mac: Mac.optional().meta({ description: 'Derived from lab, node and device when absent.' }),
  mtu: Mtu.default(ETH_DATA_LEN),
  ip: IpList.default([]),
  gateway: Ip.optional().meta({ description: 'Default router; must lie in a prefix of `ip`.' }),
  up: Up.default(true),
  ...optionalShape,
  ...keptShape,
  qdisc: z.array(QdiscInput).optional().meta(Qdiscs),
};

/** A device as written in a lab file. */
export const DeviceInput = strict(inputShape);
export type DeviceInput = z.input<typeof DeviceInput>;

/** Body of POST /v1/nodes/{node}/devices. */
export const DeviceCreate = strict({ name: DeviceName, ...inputShape });
export type DeviceCreate = z.output<typeof DeviceCreate>;

const resolvedShape = {
  kind: DeviceKind,
  mac: z.string(),
  mtu: z.int(),
  ip: z.array(z.string()),
  gateway: z.string().optional(),
  up: z.boolean(),
  ...optionalShape,
  group: z.int().optional(),
  ...keptShape,
  qdisc: z.array(QdiscConfig).optional().meta(Qdiscs),
};

/** A device of a resolved lab: nothing is left to guess. */
export const Device = strict(resolvedShape);
export type Device = z.output<typeof Device>;

/** What may be changed on a living device; what is not named stays as it is. */
export const DevicePatch = strict({
  mtu: mtuUpTo(LOOPBACK_MTU).optional(),
  carrier: z.boolean().optional().meta({ description: 'Carrier as the wire shows it.' }),
  up: Up.optional(),
  address: Mac.optional(),
  ...optionalShape,
  operstate: z
    .enum(['up', 'dormant', 'testing'], 'operstate is "up", "dormant" or "testing"')
    .optional()
    .meta({ description: 'What a supplicant tells the device, as `ip link set state`.' }),
  altnames: strict({ add: AltNames.optional(), del: AltNames.optional() })
    .optional()
    .meta({ description: 'Further names, added and removed as `ip link property add|del` does.' }),
});
export type DevicePatch = z.output<typeof DevicePatch>;

/** The names a device has after a patch of them. */
export function mergeAltnames(
  has: readonly string[],
  { add = [], del = [] }: NonNullable<DevicePatch['altnames']>,
): string[] {
  return [...new Set([...has.filter((name) => !del.includes(name)), ...add])];
}

/** A device as control tells its node. Settings that are absent are left as they are. */
export const DeviceSlice = strict({
  name: DeviceName,
  ...resolvedShape,
  mtu: z.int().optional(),
  dataUrl: z.string().nullable().meta({ description: 'Data WebSocket of the switch; null: not plugged in.' }),
});
export type DeviceSlice = z.output<typeof DeviceSlice>;
