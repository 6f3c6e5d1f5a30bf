/** wslink, the driver's private struct: the two rings, and what is known of the cable. */
import type { EthtoolCoalesce, EthtoolLinkKsettings, NetDevice } from '@etherloom/netcore';
import type { Transport } from '@etherloom/transport';
import { RX_RING_MAX, WslinkRx } from './wslink-rx.ts';
import { TX_RING_MAX, WslinkTx } from './wslink-tx.ts';

const DEFAULT_SPEED = 10_000;

export class WslinkPriv {
  readonly transport: Transport;
  readonly epoch: string;
  readonly tx: WslinkTx;
  readonly rx: WslinkRx;
  /** Between ndoOpen and ndoStop. */
  opened = false;
  /** The link's carrier, as the switch says. */
  switchCarrier = false;
  /** There is no carrier, the cable of the link is whole, and what is at its other end is down. */
  farDown = false;
  /** `ip link set DEV carrier`: the plug in the user's hand. */
  plugged = true;
  /** The MTU of the link, whatever the device's is; 0 until the switch has told it. */
  linkMtu = 0;
  /** The switch's number for this port. */
  port = 0;
  connects = 0;
  rxWhileDown = 0;
  /** What is shown, and nothing else: how fast frames go is the link's to say. */
  settings: EthtoolLinkKsettings = { speed: DEFAULT_SPEED, duplex: 'full', autoneg: false, port: 'Other' };
  /** By default by turns of the event loop and by messages: no time, and no number that a ring holds. */
  coalesce: EthtoolCoalesce = {
    rxCoalesceUsecs: 0,
    rxMaxCoalescedFrames: RX_RING_MAX,
    txCoalesceUsecs: 0,
    txMaxCoalescedFrames: TX_RING_MAX,
  };

  constructor(dev: NetDevice, transport: Transport, epoch: string) {
    this.transport = transport;
    this.epoch = epoch;
    this.tx = new WslinkTx(dev, transport);
    this.rx = new WslinkRx(dev);
  }
}
