/**
 * Settings of every role, from flags, `ETHERLOOM_*` variables, or a file named by `ETHERLOOM_*_FILE` for a secret.
 * Flags, variables and `--help` are derived from these schemas; nothing is told twice.
 */
import { z } from 'zod';
import { Name, NodeName } from './names.ts';
import { Stack } from './node.ts';

const PORT_RULE = 'a port is a whole number from 0 (any free one) to 65535';
const Port = z
  .union([z.int(), z.string().regex(/^\d{1,5}$/, PORT_RULE)], PORT_RULE)
  .transform(Number)
  .pipe(z.int().max(65_535, PORT_RULE).min(0, PORT_RULE));

/** Sockets and memory for more are better spent on another switch. */
const MAX_WORKERS = 64;
const WORKERS_RULE = `workers are a whole number from 1 to ${MAX_WORKERS}`;
const Workers = z
  .union([z.int(WORKERS_RULE), z.string().regex(/^\d{1,2}$/, WORKERS_RULE)], WORKERS_RULE)
  .transform(Number)
  .pipe(z.int().min(1, WORKERS_RULE).max(MAX_WORKERS, WORKERS_RULE));
const workers = {
  workers: Workers.optional().meta({
    description: 'processes that forward at most, each its own LANs; one a core when absent, one with TLS',
    placeholder: 'N',
  }),
};

const FLAG_RULE = 'write true or false';
const Switch = z
  .union([z.boolean(), z.enum(['', '1', 'true', 'yes', '0', 'false', 'no'], FLAG_RULE)], FLAG_RULE)
  .transform((v) => (typeof v === 'boolean' ? v : !['0', 'false', 'no'].includes(v)));

const TOKEN_RULE = 'a token is 1 to 512 letters, digits, "-", ".", "_", "~", "+", "/" or "="';
const Token = z
  .string(TOKEN_RULE)
  .overwrite((text) => text.trim())
  .regex(/^[A-Za-z0-9._~+/=-]{1,512}$/, { error: TOKEN_RULE, abort: true });

const URL_RULE = 'a URL begins with ws://, wss://, http://, https:// or ws+unix:';
const Url = z.string(URL_RULE).regex(/^(?:(?:ws|wss|http|https):\/\/[^\s/]+\S*|ws\+unix:\S+)$/, URL_RULE);
const File = z.string().min(1, 'a file name is needed');
const LogLevel = z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']);

const log = { logLevel: LogLevel.default('info').meta({ description: 'how much to log' }) };

const security = {
  token: Token.optional().meta({ description: 'bearer token that every request must carry', secret: true }),
  tlsCert: File.optional().meta({
    description: 'TLS certificate chain to serve with, PEM',
    placeholder: 'FILE',
  }),
  tlsKey: File.optional().meta({ description: 'private key of the certificate, PEM', placeholder: 'FILE' }),
  insecure: Switch.default(false).meta({ description: 'listen off loopback without a token' }),
};

const dialing = {
  control: Url.default('ws://127.0.0.1:8080').meta({
    description: 'where control listens',
    placeholder: 'URL',
  }),
  token: Token.optional().meta({ description: 'bearer token to present', secret: true }),
  tlsCa: File.optional().meta({ description: 'certificate authority to trust, PEM', placeholder: 'FILE' }),
};

const host = { host: z.string().min(1).default('127.0.0.1').meta({ description: 'address to listen on' }) };
const stack = {
  stack: Stack.optional().meta({ description: 'stack to use, whatever the lab says: user, kernel or none' }),
};
const state = {
  state: File.optional().meta({ description: 'file that keeps the lab over restarts', placeholder: 'FILE' }),
};

export const ControlSettings = z.strictObject({
  ...host,
  port: Port.default(8080).meta({ description: 'port to listen on' }),
  lab: File.optional().meta({ description: 'lab file to apply at the start', placeholder: 'FILE' }),
  ...state,
  ...security,
  ...log,
});
export type ControlSettings = z.output<typeof ControlSettings>;

export const SwitchSettings = z.strictObject({
  name: Name.default('switch').meta({ description: 'name of this switch' }),
  ...dialing,
  ...host,
  port: Port.default(8081).meta({ description: 'port to listen on for data' }),
  advertise: Url.optional().meta({
    description: 'URL at which nodes reach this switch; derived when absent',
    placeholder: 'URL',
  }),
  ...workers,
  ...security,
  ...log,
});
export type SwitchSettings = z.output<typeof SwitchSettings>;

/** `h1`, or several: `h1,h2` or a list. */
const NodeNames = z.preprocess(
  (written) =>
    written === undefined ? undefined : [written].flat().flatMap((names) => String(names).split(',')),
  z.array(NodeName).refine((names) => new Set(names).size === names.length, 'a node is named twice'),
);

/** `auto` is worked out by who starts the processes. */
const PER_PROCESS_RULE = 'nodes per process is "auto" or a whole number from 1 to 1000';
const NodesPerProcess = z
  .union([z.literal('auto'), z.int(), z.string().regex(/^\d{1,4}$/, PER_PROCESS_RULE)], PER_PROCESS_RULE)
  .transform((written) => (written === 'auto' ? written : Number(written)))
  .refine((count) => count === 'auto' || (count >= 1 && count <= 1000), PER_PROCESS_RULE);

export const NodeSettings = z.strictObject({
  name: NodeNames.meta({
    description: 'name of this node in the lab; again, or h1,h2, for several in this process',
    repeat: true,
  }),
  ...dialing,
  switch: Url.optional().meta({
    description: 'where the switch is, whatever control says',
    placeholder: 'URL',
  }),
  ...stack,
  driver: File.optional().meta({
    description: 'driver of your own for the devices: a TypeScript or JavaScript file, see docs/driver-lab',
    placeholder: 'FILE',
  }),
  ...log,
});
export type NodeSettings = z.output<typeof NodeSettings>;

const DRIVERS_RULE = 'write NODE=FILE, as h1=./my-nic.ts';
/** `h1=FILE`, or several: a list. */
const Drivers = z.preprocess(
  (written) => (written === undefined ? [] : [written].flat()),
  z
    .array(z.string().regex(/^[^=]+=.+$/, DRIVERS_RULE))
    .transform((pairs) => new Map(pairs.map((pair) => pair.split(/=(.*)/s, 2) as [string, string])))
    .refine((drivers) => [...drivers.keys()].every((name) => NodeName.safeParse(name).success), DRIVERS_RULE),
);

export const UpSettings = z.strictObject({
  ...host,
  controlPort: Port.default(8080).meta({ description: 'port of the REST API' }),
  switchPort: Port.default(8081).meta({ description: 'port of the switch' }),
  ...workers,
  nodesPerProcess: NodesPerProcess.default('auto').meta({
    description: 'how many nodes share a process; auto: 1 in a lab of up to 16 nodes, else 50',
    placeholder: 'N',
  }),
  driver: Drivers.meta({
    description: 'driver of your own for the devices of a node, as h1=./my-nic.ts; again for another node',
    placeholder: 'NODE=FILE',
    repeat: true,
  }),
  ...stack,
  ...state,
  ...security,
  ...log,
});
export type UpSettings = z.output<typeof UpSettings>;

/** Of the commands that talk to a running control: apply, status, ping, ... */
export const ClientSettings = z.strictObject({ ...dialing });
export type ClientSettings = z.output<typeof ClientSettings>;

export const SETTINGS = {
  control: ControlSettings,
  switch: SwitchSettings,
  node: NodeSettings,
  up: UpSettings,
  client: ClientSettings,
} as const;
export type Role = keyof typeof SETTINGS;
export type SettingsOf<R extends Role> = z.output<(typeof SETTINGS)[R]>;
