/** A user's driver at work in a node: makes its devices, and tells what the checker finds in them. */
import { basename } from 'node:path';
import process from 'node:process';
import {
  Checker,
  type DriverReport,
  type LabLink,
  labNewLink,
  placeOf,
  reportLine,
  thrownText,
} from '@etherloom/driver-lab';
import { Net, type RtnlLinkOptions, rtnlDelLink } from '@etherloom/netcore';
import type { Transport } from '@etherloom/transport';
import { CodedError, type Log } from '@etherloom/transport-ws';
import { tellFatal } from './driver-guard.ts';
import type { LoadedDriver } from './driver-load.ts';
import type { DriverWatchdog } from './driver-watchdog.ts';
import { nodeHost } from './node-host.ts';
import { ReplugCable } from './replug-cable.ts';

/** What no function of the driver's tables runs. */
const STRAY = 'a promise or a timer of its own';

export interface NodeDriverOptions {
  readonly driver: LoadedDriver;
  readonly watchdog: DriverWatchdog;
  /** False: the driver runs unwatched but for the watchdog. */
  readonly checker: boolean;
  /** Hears of each rule and place that the driver breaks, once. */
  readonly onBroken?: ((report: DriverReport) => void) | undefined;
}

export class NodeDriver {
  readonly #options: NodeDriverOptions;
  readonly #reports: DriverReport[] = [];
  /** Of the device made last. */
  #checker: Checker | null = null;

  constructor(options: NodeDriverOptions) {
    this.#options = options;
    options.driver.onStray((thrown) => this.#stray(thrown));
  }

  /** Makes a device and takes it away, outside of any node: what is wrong with the driver shows before the node is there. */
  rehearse(): void {
    const { driver } = this.#options;
    const net = new Net(nodeHost);
    const found: DriverReport[] = [];
    const keep = (report: DriverReport) => found.push(report);
    try {
      rtnlDelLink(this.#make(net, { name: 'try0', transport: new ReplugCable() }, keep).dev);
      // What else it breaks is told when it happens in the node; but with this it does not even begin as it should.
      const async = found.find(({ rule }) => rule === 'async');
      if (async !== undefined) throw new CodedError('EINVAL', `${async.where}: ${async.text}`);
    } catch (error) {
      const { code = 'EINVAL', message } = error as Error & { code?: string };
      // biome-ignore lint/style/useErrorCause: the cause is the third argument
      throw new CodedError(code, `--driver ${driver.file}: it cannot make a device: ${message}`, {
        cause: error,
      });
    } finally {
      net.stop();
      this.#checker = null;
    }
  }

  /** The driver's code is done with. */
  close(): void {
    this.#options.driver.close();
  }

  newLink(net: Net, options: RtnlLinkOptions & { readonly transport: Transport }, log: Log): LabLink {
    return this.#make(net, options, (report) => {
      this.#reports.push(report);
      this.#options.onBroken?.(report);
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
    const file = basename(driver.file);
    const checker = new Checker({ host: net.host, file, isDriver, locate, enabled, onReport, onOp });
    this.#checker = checker;
    return labNewLink(net, driver.linkOps, checker, options);
  }

  /** An exception in a promise, or in a timer of Node's: an oops, and without the checker the end. */
  #stray(thrown: unknown): void {
    const { driver, checker } = this.#options;
    if (checker && this.#checker !== null) {
      this.#checker.oops(STRAY, thrown, undefined);
      return;
    }
    const at = placeOf(thrown, driver.isDriver);
    tellFatal(
      `--driver ${driver.file}: ${at === null ? '' : `${at}: `}${STRAY} throws ${thrownText(thrown)}`,
    );
    process.exit(1);
  }
}
