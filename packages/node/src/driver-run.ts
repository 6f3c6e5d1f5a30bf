/** A user's driver at work in a node: makes its devices, and tells what the checker finds in them. */
import { Checker, type DriverReport, type LabLink, labNewLink, reportLine } from '@etherloom/driver-lab';
import { Net, type RtnlLinkOptions, rtnlDelLink } from '@etherloom/netcore';
import type { Transport } from '@etherloom/transport';
import { CodedError, type Log } from '@etherloom/transport-ws';
import type { LoadedDriver } from './driver-load.ts';
import type { DriverWatchdog } from './driver-watchdog.ts';
import { nodeHost } from './node-host.ts';
import { ReplugCable } from './replug-cable.ts';

export interface NodeDriverOptions {
  readonly driver: LoadedDriver;
  readonly watchdog: DriverWatchdog;
  /** False: the driver runs unwatched but for the watchdog. */
  readonly checker: boolean;
}

export class NodeDriver {
  readonly #options: NodeDriverOptions;
  readonly #reports: DriverReport[] = [];

  constructor(options: NodeDriverOptions) {
    this.#options = options;
  }

  /** Makes a device and takes it away, outside of any node: what is wrong with the driver shows before the node is there. */
  rehearse(): void {
    const { driver } = this.#options;
    const net = new Net(nodeHost);
    try {
      rtnlDelLink(this.#make(net, { name: 'try0', transport: new ReplugCable() }, () => {}).dev);
    } catch (error) {
      const { code = 'EINVAL', message } = error as Error & { code?: string };
      // biome-ignore lint/style/useErrorCause: the cause is the third argument
      throw new CodedError(code, `--driver ${driver.file}: it cannot make a device: ${message}`, {
        cause: error,
      });
    } finally {
      net.stop();
    }
  }

  newLink(net: Net, options: RtnlLinkOptions & { readonly transport: Transport }, log: Log): LabLink {
    return this.#make(net, options, (report) => {
      this.#reports.push(report);
      const { rule, device, kernel } = report;
      log.warn({ rule, device }, `${reportLine(report)}; what a kernel does: ${kernel}`);
    });
  }

  /** A line a rule and place, with how often; empty for a driver that broke none. */
  summary(): string[] {
    return this.#reports.map(reportLine);
  }

  #make(
    net: Net,
    options: RtnlLinkOptions & { readonly transport: Transport },
    onReport: (report: DriverReport) => void,
  ): LabLink {
    const { driver, watchdog, checker: enabled } = this.#options;
    const { isDriver, locate } = driver;
    const onOp = (op: string | null) => watchdog.enter(op);
    const checker = new Checker({ host: net.host, isDriver, locate, enabled, onReport, onOp });
    return labNewLink(net, driver.linkOps, checker, options);
  }
}
