import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { command, etherloom, freePort, Program, root } from '../support/program.ts';
import { restOf } from '../support/rest.ts';
import { until } from '../support/until.ts';
import { type Up, up } from '../support/up.ts';

/** Outside the repository, as a user's files are. */
const folder = mkdtempSync(join(tmpdir(), 'etherloom-driver-'));
afterAll(() => rmSync(folder, { recursive: true }));

function driverFile(name: string, text: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('a driver file that is no driver is refused before anything is started', () => {
  const none = "export const linkOps = { kind: 'x', setup() {}, newlink() {} };";
  // biome-ignore format: one case a line
  test.concurrent.each<[string, string | Uint8Array | null, RegExp]>([
    ['missing.ts', null,                                             /no such file: give the path of a driver/],
    ['throws.ts',  "const x: number = 3;\n\nthrow new Error('no card');", /fails while it is loaded: throws\.ts:3: Error: no card/],
    ['syntax.ts',  'const a = 1;\nlet b = ;',                        /syntax\.ts:2:9: Expression expected/],
    ['enum.ts',    'enum A { B }',                                   /enum\.ts:1:1: TypeScript enum is not supported/],
    ['nothing.ts', '',                                               /it exports nothing; write: export const linkOps/],
    ['wrong.js',   'export default 1; export const ops = 2;',        /it exports default, ops and no linkOps/],
    ['import.ts',  `import { nope } from '@etherloom/driver-lab'; nope(); ${none}`, /does not provide an export named 'nope'/],
    ['setup.ts',   "export const linkOps = { kind: 'x',\n setup(dev: any) {\n dev.no.x = 1; }, newlink() {} };", /setup failed at setup\.ts:3: TypeError/],
    ['noops.ts',   none,                                             /leaves dev\.netdevOps without ndoStartXmit/],
    ['driver.txt', 'hello',                                          /name it \.ts, \.mts, \.js, \.mjs/],
    ['cyrillic.js', Buffer.from("// a\n// \xe9\n", 'latin1'),         /line 2 is not UTF-8: save the file as UTF-8/],
    ['wide.ts',    Buffer.from(`\ufeff${none}`, 'utf16le'),          /line 1 is not UTF-8/],
    ['big.ts',     Buffer.alloc(50 << 20, ' '),                      /it has 50 MiB: a driver has 8 at most/],
    ['decorator.ts', 'function d() {}\n@d class A {}',               /decorator\.ts:2: decorators are not supported/],
    ['syntax.mjs', 'const a = 1;\nlet b = ;',                        /syntax\.mjs:2:9: Expression expected/],
    ['late.ts',    "let a: number;\nPromise.reject(new Error('late'));", /fails while it is loaded: late\.ts:2: Error: late/],
    ['null.ts',    'throw null;',                                    /fails while it is loaded: Error: null/],
    ['exits.ts',   "import process from 'node:process'; process.exit(0);", /its top-level code ends the process/],
    ['getter.ts',  "export const linkOps = { get kind() { throw new Error('no'); } };", /linkOps cannot be read: Error: no/],
    ['bare.ts',    "const a = 1;\nimport './exits';",                /bare\.ts:2: there is no \.\/exits; write \.\/exits\.ts/],
    ['package.ts', "\nimport a from 'no-such-package';",             /package\.ts:2: there is no no-such-package/],
    ['async.ts',   "export const linkOps = { kind: 'x',\n async setup() {},\n newlink() {} };", /leaves dev\.netdevOps without ndoStartXmit/],
    ['waits.ts',   'await new Promise(() => {});',                   /top-level code has not ended after 5 s/],
  ])('%s', async (name, text, why) => {
    const file = text === null ? join(folder, name) : driverFile(name, text);
    const done = await etherloom(['node', '--name', 'h1', '--control', 'ws://127.0.0.1:1', '--driver', file]);
    expect(done.stderr).toMatch(why);
    expect(done.stderr).toContain(`etherloom: --driver ${file}: `);
    expect(done.stderr.trim().split('\n')).toHaveLength(1);
    expect(done.code).toBe(1);
  });
});

test.concurrent('a driver file that loops for ever is ended by the watchdog, which says so', async () => {
  const file = driverFile('loops.ts', 'for (;;) {}');
  const done = await etherloom(['node', '--name', 'h1', '--control', 'ws://127.0.0.1:1', '--driver', file]);
  expect(done.stderr).toContain(`etherloom: --driver ${file}: its top-level code does not return for 5 s`);
  expect(done.code).not.toBe(0);
});

test.concurrent.each([
  ['h9=./x.ts', /has no node h9; it has h1, h2/],
  ['./x.ts', /write NODE=FILE, as h1=\.\/my-nic\.ts/],
  ['h1=./none.ts', /no such file/],
])('up --driver %s is refused', async (pair, why) => {
  const done = await etherloom(['up', 'examples/driver-lab.yaml', '--driver', pair]);
  expect(done.stderr).toMatch(why);
  expect(done.code).toBe(1);
});

/** Allocates in ndoOpen and never frees. */
const FORGETS = `import { consumeSkb, etherSetup, ethHwAddrRandom, NETDEV_TX_OK, registerNetdev, type LabLinkOps } from '@etherloom/driver-lab';
export const linkOps: LabLinkOps = {
  kind: 'forgets',
  setup(dev) {
    const ndoOpen = () => void dev.pool.alloc(100);
    etherSetup(dev);
    ethHwAddrRandom(dev);
    dev.netdevOps = { ndoOpen, ndoStartXmit(skb) { dev.stats.txPackets++; consumeSkb(skb); return NETDEV_TX_OK; } };
  },
  newlink: (dev) => registerNetdev(dev),
};
`;

/** Answers nothing, and lets its second file do wrong things. */
const STRAYS = `import { etherSetup, ethHwAddrRandom, kfreeSkb, NETDEV_TX_OK, netifCarrierOff, netifCarrierOn, registerNetdev, type LabLinkOps, type LabNic } from '@etherloom/driver-lab';
import { receive } from './other.ts';
const card = (dev: { priv: unknown }) => dev.priv as LabNic;
export const linkOps: LabLinkOps = {
  kind: 'strays',
  setup(dev) {
    etherSetup(dev);
    ethHwAddrRandom(dev);
    dev.netdevOps = {
      ndoOpen: (d) => card(d).start(),
      ndoStop: (d) => card(d).stop(),
      ndoStartXmit(skb, d) { d.stats.txDropped++; kfreeSkb(skb, 2); return NETDEV_TX_OK; },
    };
  },
  newlink(dev, { nic }) {
    dev.priv = nic;
    nic.onFrame = () => receive(dev);
    nic.onLink = (up) => (up ? netifCarrierOn(dev) : netifCarrierOff(dev));
    netifCarrierOff(dev);
    registerNetdev(dev);
  },
};
`;

/** Works, until its MTU is changed; then it loops in the place that its \`WHERE\` names. */
const loopsIn = (
  where: string,
) => `import { consumeSkb, etherSetup, ethHwAddrRandom, netifNapiAdd, NETDEV_TX_OK, netifCarrierOff, netifCarrierOn, registerNetdev, timerSetup, type LabLinkOps, type LabNic } from '@etherloom/driver-lab';
let armed = false;
const at = (where: string) => {
  while (armed && where === '${where}');
};
const card = (dev: { priv: unknown }) => dev.priv as LabNic;
export const linkOps: LabLinkOps = {
  kind: 'loops',
  setup(dev) {
    etherSetup(dev);
    ethHwAddrRandom(dev);
    dev.netdevOps = {
      ndoOpen(d) { at('ndoOpen'); card(d).irq.request(() => { at('the interrupt handler'); card(d).irq.readCause(); }); card(d).irq.enable(); card(d).tx.setup(8); d.napis[0]!.enable(); card(d).start(); },
      ndoStop(d) { at('ndoStop'); d.napis[0]!.disable(); card(d).irq.free(); card(d).stop(); card(d).tx.setup(0); },
      ndoStartXmit(skb, d) {
        const { tx } = card(d);
        const buf = skb.buf.slice(skb.data, skb.data + skb.len);
        Object.assign(tx.descs[tx.tail]!, { buf, at: 0, len: buf.length, done: false });
        tx.tail = tx.next(tx.tail);
        d.stats.txPackets++;
        d.stats.txBytes += buf.length;
        consumeSkb(skb);
        return NETDEV_TX_OK;
      },
      ndoChangeMtu(d, mtu) { d.mtu = mtu; armed = true; setTimeout(() => at('a setTimeout'), 1); },
    };
  },
  newlink(dev, { nic }) {
    dev.priv = nic;
    netifNapiAdd(dev, () => { at('the NAPI poll'); return 0; });
    const timer = timerSetup(dev, () => { at('a timer'); timer.mod(100); });
    timer.mod(100);
    nic.onFrame = () => { dev.stats.rxDropped++; at('onFrame'); };
    nic.onLink = (up) => (up ? netifCarrierOn(dev) : netifCarrierOff(dev));
    netifCarrierOff(dev);
    registerNetdev(dev);
  },
};
`;

describe('a lab with a driver of the user', () => {
  let lab: Up | undefined;

  afterEach(async () => {
    await lab?.stop().catch(() => {});
    lab = undefined;
  });

  const start = async (file: string) => {
    lab = await up('examples/driver-lab.yaml', ['--driver', `h1=${file}`, '--nodes-per-process', '2']);
    return lab;
  };
  const counters = async (node = 'h1') =>
    (await lab!.rest('GET', `/v1/nodes/${node}/devices/eth0/stats`)).body.ethtool as Record<string, number>;
  const ping = async (count: number, interval = '10ms', timeout = '5s') =>
    (await lab!.rest('POST', '/v1/nodes/h2/ping', { target: '10.0.0.1', count, interval, timeout })).body;
  const broken = async () =>
    Object.entries(await counters()).filter(([name, n]) => name.startsWith('checker_') && n > 0);

  test.each(['1-first', '2-ring', '3-interrupts', '4-napi'])(
    '%s pings through it, and the rest of the node works on it unchanged',
    async (step) => {
      await start(`${root}examples/drivers/${step}.ts`);
      expect([...lab!.program.nodes().keys()].sort()).toEqual(['h1', 'h2']); // what a driver breaks is its own process
      expect(await ping(20)).toMatchObject({ sent: 20, received: 20 });
      const device = (await lab!.rest('GET', '/v1/nodes/h1/devices/eth0')).body;
      expect(device).toMatchObject({ operstate: 'UP', qdisc: 'pfifo_fast' });
      expect(device.stats64.rx.packets).toBeGreaterThanOrEqual(20);
      const down = await lab!.rest('PATCH', '/v1/nodes/h1/devices/eth0', { up: false });
      expect(down.status).toBe(200);
      expect(await ping(1, '10ms', '200ms')).toMatchObject({ received: 0 });
      await lab!.rest('PATCH', '/v1/nodes/h1/devices/eth0', { up: true });
      await until('h1 answers again', async () => (await ping(1, '10ms', '500ms')).received === 1);
      const link = (await lab!.rest('GET', '/v1/links')).body[0].name;
      const balanced = async () => (await lab!.rest('GET', `/v1/links/${link}/stats`)).body.balanced;
      await until('the link balances', balanced);
      expect(await broken()).toEqual([]);
    },
  );

  test('what a driver breaks is in the log with its line, counted in ethtool, and in the exit of the node', async () => {
    const file = driverFile(
      'frees-twice.ts',
      `import { consumeSkb, etherSetup, ethHwAddrRandom, type LabLinkOps, NETDEV_TX_OK, NETDEV_TX_BUSY, type NetDevice,
  netifCarrierOff, netifCarrierOn, registerNetdev, type SkBuff } from '@etherloom/driver-lab';
let calls: number = 0;
function xmit(skb: SkBuff, dev: NetDevice): number {
  if (calls++ === 0) {
    return NETDEV_TX_BUSY; // line 6
  }
  (dev.priv as any).send(skb.buf, skb.data, skb.len);
  consumeSkb(skb);
  dev.stats.txPackets++;
  dev.stats.txBytes += skb.len; // line 11
  return NETDEV_TX_OK;
}
export const linkOps: LabLinkOps = {
  kind: 'twice',
  setup(dev) {
    etherSetup(dev);
    ethHwAddrRandom(dev);
    dev.netdevOps = { ndoOpen: (d) => (d.priv as any).start(), ndoStop: (d) => (d.priv as any).stop(), ndoStartXmit: xmit };
  },
  newlink(dev, { nic }) {
    dev.priv = nic;
    nic.onFrame = () => {};
    nic.onLink = (up) => (up ? netifCarrierOn(dev) : netifCarrierOff(dev));
    netifCarrierOff(dev);
    registerNetdev(dev);
  },
};
`,
    );
    await start(file);
    await lab!.rest('POST', '/v1/nodes/h1/ping', {
      target: '10.0.0.2',
      count: 3,
      interval: '10ms',
      timeout: '100ms',
    });
    const found = Object.fromEntries(await broken());
    expect(found).toMatchObject({ checker_skb_use_after: expect.any(Number), checker_xmit_busy_awake: 1 });
    const { output } = lab!.program;
    expect(output).toMatch(
      /frees-twice\.ts:11: skb-use-after: eth0: skb\.len is read after it was freed at frees-twice\.ts:9/,
    );
    expect(output).toMatch(
      /frees-twice\.ts:6: xmit-busy-awake: eth0: NETDEV_TX_BUSY while the queue is awake/,
    );
    expect(output).toContain('what a kernel does: ');
    expect(await lab!.stop()).toBe(1);
    expect(lab!.program.output).toMatch(/error h1: --driver \S+frees-twice\.ts broke rules:/);
    expect(lab!.program.output).toMatch(
      /etherloom: --driver h1=\S+frees-twice\.ts broke rules of the checker: .*skb-use-after/,
    );
  });

  test('up --no-checker lets a driver do what it likes', async () => {
    const file = driverFile('forgets-too.ts', FORGETS);
    lab = await up('examples/driver-lab.yaml', ['--driver', `h1=${file}`, '--no-checker']);
    expect(Object.keys(await counters()).filter((name) => name.startsWith('checker_'))).toEqual([]);
    expect(await lab.stop()).toBe(0);
  });

  test('what a driver throws in promises and timers of its own is an oops with its line, in a folder of any name', async () => {
    const odd = join(folder, 'ü (lab 2)');
    mkdirSync(odd);
    writeFileSync(join(odd, 'my nic (1).ts'), STRAYS);
    writeFileSync(
      join(odd, 'other.ts'),
      `import type { NetDevice } from '@etherloom/driver-lab';

export function receive(dev: NetDevice): void {
  dev.stats.rxDropped++;
  setTimeout(() => {
    throw new Error('late'); // line 6
  }, 1);
  void Promise.reject(new Error('refused')); // line 8
}
`,
    );
    await start(join(odd, 'my nic (1).ts'));
    await ping(3, '10ms', '100ms');
    await until(
      'both are told',
      () => /other\.ts:6: oops:/.test(lab!.program.output) && /other\.ts:8: oops:/.test(lab!.program.output),
    );
    expect(lab!.program.output).toMatch(
      /other\.ts:6: oops: eth0: a promise or a timer of its own throws Error: late/,
    );
    expect(await lab!.stop()).toBe(1);
  });

  test('a node by itself whose driver broke a rule ends with exit code 1, and without the checker with 0', async () => {
    const port = String(await freePort());
    const lab = ['control', '--port', port, '--lab', 'examples/driver-lab.yaml'];
    const url = `ws://127.0.0.1:${port}`;
    const start = (...words: string[]) =>
      programs[programs.push(new Program(process.execPath, [command, ...words])) - 1]!;
    const programs: Program[] = [];
    start(...lab);
    start('switch', '--port', '0', '--control', url);
    const rest = restOf(`http://127.0.0.1:${port}`);
    const file = driverFile('forgets.ts', FORGETS);
    const words = ['node', '--name', 'h1', '--control', url, '--driver', file];
    try {
      await until('control is there', async () => (await rest('GET', '/healthz')).status === 200);
      // biome-ignore format: one case a line
      for (const [more, code] of [[[], 1], [['--no-checker'], 0]] as const) {
        const node = start(...words, ...more);
        const flags = async () => (await rest('GET', '/v1/nodes/h1/devices/eth0')).body.flags as string[];
        await until('its device is up', async () => (await flags()).includes('UP'));
        expect(await node.stop('SIGINT')).toBe(code);
        if (code === 1) expect(node.output).toMatch(/forgets\.ts:5: skb-leak: eth0: an skb that was allocated here/);
      }
    } finally {
      for (const program of programs.reverse()) await program.stop();
    }
  });

  test('a driver that loops in ndoStartXmit ends its node, and the message names the op', async () => {
    const file = driverFile(
      'spins.ts',
      `import { etherSetup, ethHwAddrRandom, type LabLinkOps, netifCarrierOff, netifCarrierOn, registerNetdev } from '@etherloom/driver-lab';
export const linkOps: LabLinkOps = {
  kind: 'spins',
  setup(dev) {
    etherSetup(dev);
    ethHwAddrRandom(dev);
    dev.netdevOps = { ndoOpen: (d) => (d.priv as any).start(), ndoStartXmit() { for (;;) {} } };
  },
  newlink(dev, { nic }) {
    dev.priv = nic;
    nic.onFrame = () => {};
    nic.onLink = (up) => (up ? netifCarrierOn(dev) : netifCarrierOff(dev));
    netifCarrierOff(dev);
    registerNetdev(dev);
  },
};
`,
    );
    await start(file);
    void lab!
      .rest('POST', '/v1/nodes/h1/ping', { target: '10.0.0.2', count: 1, timeout: '100ms' })
      .catch(() => {});
    const said = /fatal h1: .*ndoStartXmit does not return for 5 s/;
    await until('the watchdog speaks', () => said.test(lab!.program.output), 60);
  });

  test('a driver that loops anywhere ends its node, and the message names where', async () => {
    const places = [
      'ndoOpen',
      'ndoStop',
      'the interrupt handler',
      'the NAPI poll',
      'a timer',
      'onFrame',
      'a setTimeout',
    ];
    const nodes = places.map((_, i) => [`n${i}`, { devices: { eth0: { ip: `10.0.0.${i + 1}/24` } } }]);
    const links = places.map((_, i) => ({ endpoints: [`n${i}:eth0`, 'lan:all'] }));
    const text = JSON.stringify({
      name: 'loops',
      nodes: Object.fromEntries(nodes),
      lans: { all: {} },
      links,
    });
    const file = driverFile('loops.json', text);
    const drivers = places.flatMap((where, i) => [
      '--driver',
      `n${i}=${driverFile(`loops${i}.ts`, loopsIn(where))}`,
    ]);
    lab = await up(file, drivers);
    const change = (node: string, patch: object) =>
      void lab!.rest('PATCH', `/v1/nodes/${node}/devices/eth0`, patch).catch(() => {});
    for (const i of places.keys()) change(`n${i}`, { mtu: 1400 });
    change('n1', { up: false });
    change('n0', { up: false });
    await until(
      'n0 is down',
      async () => !(await lab!.rest('GET', '/v1/nodes/n0/devices/eth0')).body.flags.includes('UP'),
    );
    change('n0', { up: true });
    const asks = { target: '10.0.0.6', count: 1, timeout: '100ms' };
    // Again and again: a frame that is on its way when its node begins to loop is lost with it.
    const ask = () => {
      for (const from of ['n2', 'n3', 'n6'])
        void lab!.rest('POST', `/v1/nodes/${from}/ping`, asks).catch(() => {});
    };
    for (const [i, where] of places.entries()) {
      const what =
        where === 'a setTimeout'
          ? 'a timer or promise of its own, or calls without end,'
          : `${where} does not return for 5 s`;
      const said = new RegExp(`fatal n${i}: .*loops${i}\\.ts: ${what}`);
      await until(`${where} is told`, () => {
        ask();
        return said.test(lab!.program.output);
      });
    }
    expect(await lab.stop()).toBe(1);
  });

  test('frames that come in bursts are an interrupt each to step 3, and to step 4 an interrupt for a burst', async () => {
    const perFrame: number[] = [];
    for (const step of ['3-interrupts', '4-napi']) {
      await start(`${root}examples/drivers/${step}.ts`);
      const link = (await lab!.rest('GET', '/v1/links')).body[0].name;
      expect(await ping(1)).toMatchObject({ received: 1 });
      const slow = { impair: { reverse: { slot: { minDelay: '100ms' } } } };
      expect((await lab!.rest('PATCH', `/v1/links/${link}`, slow)).status).toBe(200);
      const before = await counters();
      expect((await ping(1000, '1ms')).received).toBeGreaterThan(900);
      const after = await counters();
      const rise = (name: string) => after[name]! - before[name]!;
      perFrame.push(rise('hw_interrupts') / rise('hw_rx_frames'));
      expect(await broken()).toEqual([]);
      await lab!.stop();
    }
    expect(perFrame[0]!).toBeGreaterThanOrEqual(1);
    expect(perFrame[1]!).toBeLessThan(perFrame[0]! / 5);
  });
});
