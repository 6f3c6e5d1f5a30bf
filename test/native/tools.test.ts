/**
 * Our layouts beside the real tools': what `ip -j` and `tc -j` say of real interfaces goes through ours and must come
 * out as the real text, byte for byte, and as the real JSON again, key for key.
 */
import { IpAddr, IpLink, IpNeigh } from '@etherloom/schema';
import { afterAll, beforeAll, describe, test } from 'vitest';
import {
  type Addressed,
  type AddrInfo,
  addressesJson,
  briefAddresses,
  briefAddressesJson,
  formatAddresses,
  onelineAddresses,
} from '../../packages/cli/src/format/ip-addr.ts';
import { formatBrief, type LinkView, linkLines } from '../../packages/cli/src/format/ip-link.ts';
import { briefLinkJson, linkJson } from '../../packages/cli/src/format/ip-link-json.ts';
import {
  briefNeighbour,
  briefNeighbourJson,
  formatNeighbour,
  type Neighbour,
  neighbourJson,
} from '../../packages/cli/src/format/ip-neigh.ts';
import { toolJson } from '../../packages/cli/src/format/json.ts';
import { formatQdisc, qdiscJson, type ShownQdisc } from '../../packages/cli/src/format/tc-qdisc.ts';
import { describeWith } from '../requirements.ts';
import { expectSame, setUpTools, stdout, tearDownTools } from './tools-bed.ts';

describeWith('ip and tc print what the real ones print', ['root', 'tun', 'netns'], () => {
  beforeAll(setUpTools);
  afterAll(tearDownTools);

  describe('ip link', () => {
    const links = async () =>
      JSON.parse(await stdout('ip -j -d -s -s link')).map((link: unknown) => IpLink.parse(link));
    const view = (options: string): LinkView => ({
      details: / -d/.test(options),
      stats: options.split('-s').length - 1,
    });

    test.each(['', ' -d', ' -s', ' -s -s', ' -d -s -s'])(
      'ip%s link, as text and as JSON',
      async (options) => {
        const text = async () =>
          (await links()).map((link: IpLink) => linkLines(link, view(options)).join('\n'));
        await expectSame(
          () => stdout(`ip${options} link`),
          async () => (await text()).join('\n'),
        );
        await expectSame(
          () => stdout(`ip${options} -o link`),
          async () => (await text()).join('\n').replaceAll('\n ', '\\ '),
        );
        const json = async () => (await links()).map((link: IpLink) => linkJson(link, view(options)));
        await expectSame(
          () => stdout(`ip${options} -j link`),
          async () => toolJson(await json(), false),
        );
        await expectSame(
          () => stdout(`ip${options} -j -p link`),
          async () => toolJson(await json(), true),
        );
      },
    );

    test('ip -br link', async () => {
      await expectSame(
        () => stdout('ip -br link'),
        async () => (await links()).map((link: IpLink) => formatBrief(link)).join('\n'),
      );
      await expectSame(
        () => stdout('ip -br -j link'),
        async () => toolJson((await links()).map(briefLinkJson), false),
      );
    });
  });

  describe('ip address', () => {
    const all = async (): Promise<Addressed[]> => {
      const links = JSON.parse(await stdout('ip -j -d -s -s link')).map((link: unknown) =>
        IpLink.parse(link),
      );
      const dump = JSON.parse(await stdout('ip -j addr')).map((entry: unknown) => IpAddr.parse(entry));
      return dump.map((entry: IpAddr) => ({
        link: links.find((link: IpLink) => link.ifname === entry.ifname),
        addresses: entry.addr_info as AddrInfo[],
      }));
    };
    const view = (options: string) => ({
      details: / -d/.test(options),
      stats: options.split('-s').length - 1,
    });

    test.each(['', ' -d', ' -s'])('ip%s address, as text and as JSON', async (options) => {
      const text = async () =>
        (await all()).flatMap((each) => formatAddresses(each, view(options))).join('\n');
      await expectSame(() => stdout(`ip${options} addr`), text);
      const json = async () => (await all()).map((each) => addressesJson(each, view(options)));
      await expectSame(
        () => stdout(`ip${options} -j addr`),
        async () => toolJson(await json(), false),
      );
      await expectSame(
        () => stdout(`ip${options} -j -p addr`),
        async () => toolJson(await json(), true),
      );
    });

    test('ip -br address, ip -o address, ip -4 address', async () => {
      await expectSame(
        () => stdout('ip -br addr'),
        async () => (await all()).map((each) => briefAddresses(each)).join('\n'),
      );
      await expectSame(
        () => stdout('ip -br -j addr'),
        async () => toolJson((await all()).map(briefAddressesJson), false),
      );
      await expectSame(
        () => stdout('ip -o addr'),
        async () => (await all()).flatMap((each) => onelineAddresses(each)).join('\n'),
      );
      const inet = (each: Addressed) => ({
        ...each,
        addresses: each.addresses.filter(({ family }) => family === 'inet'),
      });
      const four = async () => (await all()).map(inet).filter(({ addresses }) => addresses.length > 0);
      const bare = { details: false, stats: 0, bare: true };
      await expectSame(
        () => stdout('ip -4 addr'),
        async () => (await four()).flatMap((each) => formatAddresses(each, bare)).join('\n'),
      );
      await expectSame(
        () => stdout('ip -4 -j addr'),
        async () =>
          toolJson(
            (await four()).map((each) => addressesJson(each, bare)),
            false,
          ),
      );
    });
  });

  test('ip neighbour, as text and as JSON', async () => {
    const all = async (): Promise<Neighbour[]> =>
      JSON.parse(await stdout('ip -j -s neigh')).map((each: unknown) => IpNeigh.parse(each));
    for (const stats of [false, true]) {
      const [option, view] = [stats ? ' -s' : '', { stats, ofDevice: false }];
      await expectSame(
        () => stdout(`ip${option} neigh`),
        async () => (await all()).map((each) => formatNeighbour(each, view)).join('\n'),
      );
      await expectSame(
        () => stdout(`ip${option} -j neigh`),
        async () =>
          toolJson(
            (await all()).map((each) => neighbourJson(each, view)),
            false,
          ),
      );
    }
    const ofDevice = { stats: false, ofDevice: true };
    await expectSame(
      () => stdout('ip neigh show dev v0'),
      async () => (await all()).map((each) => formatNeighbour(each, ofDevice)).join('\n'),
    );
    const any = { stats: false, ofDevice: false };
    await expectSame(
      () => stdout('ip -br neigh'),
      async () => (await all()).map((each) => briefNeighbour(each, any)).join('\n'),
    );
    await expectSame(
      () => stdout('ip -br -j neigh'),
      async () =>
        toolJson(
          (await all()).map((each) => briefNeighbourJson(each, any)),
          false,
        ),
    );
  });

  describe('tc qdisc show', () => {
    const all = async (): Promise<ShownQdisc[]> => JSON.parse(await stdout('tc -j -s qdisc show'));

    test.each(['', ' -s', ' -d', ' -s -d'])(
      "tc%s qdisc show, of this kernel's own qdiscs",
      async (options) => {
        const view = { stats: options.includes('-s'), details: options.includes('-d'), ofDevice: false };
        await expectSame(
          () => stdout(`tc${options} qdisc show`),
          async () => (await all()).map((each) => formatQdisc(each, view)).join('\n'),
        );
        const one = { ...view, ofDevice: true };
        const tap = async () => (await all()).filter(({ dev }) => dev === 'tap0');
        await expectSame(
          () => stdout(`tc${options} qdisc show dev tap0`),
          async () => (await tap()).map((each) => formatQdisc(each, one)).join('\n'),
        );
        if (view.details) return;
        await expectSame(
          () => stdout(`tc${options} -j qdisc show`),
          async () =>
            toolJson(
              (await all()).map((each) => qdiscJson(each, view)),
              false,
            ),
        );
        await expectSame(
          () => stdout(`tc${options} -j -p qdisc show`),
          async () =>
            toolJson(
              (await all()).map((each) => qdiscJson(each, view)),
              true,
            ),
        );
      },
    );
  });
});
