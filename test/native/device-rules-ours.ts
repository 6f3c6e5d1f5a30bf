/** `ip link`, as far as the rules of devices need it, on a namespace of netcore. */
import { loopbackNetInit, vethLinkOps } from '@etherloom/drivers';
import { parseMac } from '@etherloom/frame';
import {
  devAddAltname,
  devChangeCarrier,
  devChangeFlags,
  devChangeName,
  devDelAltname,
  devGetFlags,
  devSetAlias,
  devSetGroup,
  devSetLinkMode,
  devSetMacAddress,
  devSetMtu,
  devSetOperstate,
  devSetTxQueueLen,
  IFF_ALLMULTI,
  IFF_DYNAMIC,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_PROMISC,
  IFF_UP,
  ipLinkShow,
  Net,
  type NetDevice,
  NetError,
  rtnlDelLink,
  rtnlNewLink,
} from '@etherloom/netcore';
import { VirtualHost } from '@etherloom/testkit';

type Setting = (dev: NetDevice, value: string) => void;

const MODES = ['default', 'dormant'];
const STATES = ['unknown', 'notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up'];
/** A flag, and the word that sets it. */
const flag =
  (bit: number, sets = 'on'): Setting =>
  (dev, value) => {
    const flags = devGetFlags(dev);
    devChangeFlags(dev, value === sets ? flags | bit : flags & ~bit);
  };

const SETTINGS: Record<string, Setting> = {
  name: devChangeName,
  mtu: (dev, value) => devSetMtu(dev, Number(value)),
  address: (dev, value) => devSetMacAddress(dev, parseMac(value)!),
  alias: devSetAlias,
  group: (dev, value) => devSetGroup(dev, Number(value)),
  txqueuelen: (dev, value) => devSetTxQueueLen(dev, Number(value)),
  mode: (dev, value) => devSetLinkMode(dev, MODES.indexOf(value)),
  state: (dev, value) => devSetOperstate(dev, STATES.indexOf(value)),
  carrier: (dev, value) => devChangeCarrier(dev, value === 'on'),
  promisc: flag(IFF_PROMISC),
  allmulticast: flag(IFF_ALLMULTI),
  arp: flag(IFF_NOARP, 'off'),
  multicast: flag(IFF_MULTICAST),
  dynamic: flag(IFF_DYNAMIC),
  trailers: flag(IFF_NOTRAILERS, 'off'),
};

export class OurLinks {
  readonly #net = new Net(new VirtualHost());

  constructor() {
    loopbackNetInit(this.#net);
  }

  show(): Record<string, unknown>[] {
    return [...this.#net.devices()].map((dev) => JSON.parse(JSON.stringify(ipLinkShow(dev))));
  }

  /** Answers 'done', the words of the kernel where it has some, or the errno. */
  link(line: string): string {
    try {
      this.#do(line.split(' '));
      return 'done';
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      return /^(mtu|Attribute) /.test(error.message) ? error.message : error.code;
    }
  }

  #do([verb, ...words]: string[]): void {
    if (verb === 'add') this.#add(words);
    else if (verb === 'del') rtnlDelLink(this.#dev(words[0]!));
    else if (verb === 'property') this.#property(words);
    else this.#set(this.#dev(words[0]!), words[1]!, words[2] ?? '');
  }

  #dev(name: string): NetDevice {
    const dev = this.#net.devGetByName(name);
    if (dev === undefined) throw new NetError('ENODEV', `Cannot find device "${name}"`);
    return dev;
  }

  #set(dev: NetDevice, what: string, value: string): void {
    if (what === 'up' || what === 'down') flag(IFF_UP, 'up')(dev, what);
    else SETTINGS[what]!(dev, value);
  }

  #property([verb, , name, , altname]: string[]): void {
    if (verb === 'add') devAddAltname(this.#dev(name!), altname!);
    else devDelAltname(this.#dev(name!), altname!);
  }

  #add(words: string[]): void {
    const at = words.indexOf('address');
    const address = at < 0 ? undefined : words[at + 1];
    rtnlNewLink(this.#net, vethLinkOps, { name: words[0], address, peer: { name: words.at(-1) } });
  }
}
