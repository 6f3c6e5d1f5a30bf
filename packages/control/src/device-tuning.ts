/**
 * What stands in front of a driver, and the driver's own settings: `tc qdisc` and `ethtool` on a device. The node judges
 * a request as the kernel would and does all or nothing of it; what it did is then kept in the lab, so that it is there
 * again when the node is. What cannot be kept is taken back.
 */
import type { DeviceService } from '@etherloom/api';
import {
  configuredQdiscs,
  type Device,
  type Ethtool,
  type EthtoolPatch,
  mergeEthtool,
  type Qdisc,
} from '@etherloom/schema';
import type { Callee } from './agents.ts';
import { patchedQdisc } from './qdisc-edit.ts';
import type { SerialByKey } from './serial.ts';

/** Changes a device of the lab; `edit` hears undefined when the lab does not have it. */
export type ChangeDevice = (
  node: string,
  name: string,
  edit: (device: Device | undefined) => Device | null,
) => Promise<unknown>;

export interface TuningContext {
  readonly patches: SerialByKey;
  readonly agentOf: (node: string) => Callee;
  /** Whether the lab has the device: what it does not have is changed and not kept. */
  readonly known: (node: string, name: string) => boolean;
  readonly change: ChangeDevice;
}

type Tuning = Pick<DeviceService, 'putQdisc' | 'patchQdisc' | 'deleteQdisc' | 'patchEthtool'>;

export function deviceTuning({ patches, agentOf, known, change }: TuningContext): Tuning {
  const keep = async (node: string, name: string, edit: (device: Device) => Device) => {
    if (known(node, name)) await change(node, name, (device) => (device === undefined ? null : edit(device)));
  };
  // Why no taking back here: a change of the lab that fails has the node brought to the lab as it was.
  const keepQdiscs = async (node: string, name: string, shown: Qdisc[]) => {
    await keep(node, name, (device) => withQdiscs(device, shown));
    return shown;
  };
  return {
    putQdisc: (node, device, qdisc) =>
      patches.run(node, async () =>
        keepQdiscs(node, device, await agentOf(node).call('qdisc.set', { device, qdisc })),
      ),
    patchQdisc: (node, device, patch) =>
      patches.run(node, async () => {
        const qdisc = patchedQdisc(device, await agentOf(node).call('device.qdisc', { device }), patch);
        return keepQdiscs(node, device, await agentOf(node).call('qdisc.set', { device, qdisc }));
      }),
    deleteQdisc: (node, device, qdisc) =>
      patches.run(node, async () =>
        keepQdiscs(node, device, await agentOf(node).call('qdisc.del', { device, qdisc })),
      ),
    patchEthtool: (node, device, patch) =>
      patches.run(node, async () => {
        const before = await agentOf(node).call('device.ethtool', { device });
        const now = await agentOf(node).call('ethtool.set', { device, patch });
        try {
          await keep(node, device, (entry) => ({ ...entry, ethtool: mergeEthtool(entry.ethtool, patch) }));
        } catch (error) {
          const back = asBefore(before, patch);
          await agentOf(node)
            .call('ethtool.set', { device, patch: back })
            .catch(() => undefined);
          throw error;
        }
        return now;
      }),
  };
}

function withQdiscs({ qdisc: _old, ...device }: Device, shown: readonly Qdisc[]): Device {
  const qdisc = configuredQdiscs(shown);
  return qdisc.length === 0 ? device : { ...device, qdisc };
}

/** The patch that puts back what `patch` has changed. */
function asBefore(before: Ethtool, patch: EthtoolPatch): EthtoolPatch {
  const { features = {}, ...sections } = patch;
  const back = Object.entries(sections).map(([name, section]) => {
    const old = before[name as keyof Ethtool] as Record<string, unknown>;
    return [name, Object.fromEntries(Object.keys(section ?? {}).map((key) => [key, old[key]]))];
  });
  const flags = Object.keys(features).map((name) => [name, before.features[name]?.requested ?? undefined]);
  return {
    ...Object.fromEntries(back),
    features: Object.fromEntries(flags.filter(([, on]) => on !== undefined)),
  };
}
