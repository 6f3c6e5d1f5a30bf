/** wslink, the driver's private struct: the two rings, and what is known of the cable. */
import type { NetDevice } from '@etherloom/netcore';
import type { Transport } from '@etherloom/transport';
import { WslinkRx } from './wslink-rx.ts';
import { WslinkTx } from './wslink-tx.ts';

export class WslinkPriv {
  readonly transport: Transport;
  readonly epoch: string;
  readonly tx: WslinkTx;
  readonly rx: WslinkRx;
  /** Between ndoOpen and ndoStop. */
  opened = false;
  /** The link's carrier, as the switch says. */
  switchCarrier = false;
  /** `ip link set DEV carrier`: the plug in the user's hand. */
  plugged = true;
  /** The MTU of the link, whatever the device's is; 0 until the switch has told it. */
  linkMtu = 0;
  /** The switch's number for this port. */
  port = 0;
  connects = 0;
  rxWhileDown = 0;

  constructor(dev: NetDevice, transport: Transport, epoch: string) {
    this.transport = transport;
    this.epoch = epoch;
    this.tx = new WslinkTx(dev, transport);
    this.rx = new WslinkRx(dev);
  }
}
