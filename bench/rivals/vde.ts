/** vde_switch with a vde_plug2tap in each host. */
import { join } from 'node:path';
import { works } from './bed.ts';
import { type Host, lacking, type Rival } from './rival.ts';

export const vde: Rival = {
  id: 'vde',
  title: 'vde_switch, two vde_plug2tap',
  missing: () => lacking('vde_switch', 'vde2', 'vde_switch', 'vde_plug2tap'),
  async lay(bed) {
    const control = join(bed.folder, 'switch');
    bed.start('vde_switch', null, ['vde_switch', '-s', control]);
    await bed.wait('vde_switch listens', () => works('test', '-S', join(control, 'ctl')));
    const host = async (name: string): Promise<Host> => {
      const netns = await bed.netns(name);
      bed.start(`vde_plug2tap ${name}`, netns, ['vde_plug2tap', '-s', control, 'tap0']);
      await bed.interface(netns, 'tap0');
      return { netns, dev: 'tap0' };
    };
    return { a: await host('a'), b: await host('b') };
  },
};
