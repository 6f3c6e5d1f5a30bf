/** `/v1/links`: cables as the lab asks for them, with their ends as the switch sees them. */
import type { LinkService } from '@etherloom/api';
import { type Lab, type Link, type LinkView, mergeLink, resolveLink, viewLink } from '@etherloom/schema';
import { switchAgent, THE_SWITCH } from './agents.ts';
import { ControlError } from './control-error.ts';
import type { DesiredLab } from './desired-lab.ts';
import { labOf, linkOf, refuseTaken, withLink, withoutLink } from './lab-edit.ts';
import { deviceEnd } from './lab-ends.ts';
import type { Reconciler } from './reconciler.ts';

export function linkService(desired: DesiredLab, reconciler: Reconciler): LinkService {
  const view = (link: Link): LinkView => {
    const none = link.endpoints.map((endpoint) => ({ endpoint, attached: false, up: false, carrier: false }));
    return viewLink(link, reconciler.switch.links?.get(link.name)?.ends ?? none);
  };
  const fresh = async (name: string): Promise<LinkView> => {
    await reconciler.switch.observe();
    return view(linkOf(desired.current, name));
  };
  return {
    list: async () => {
      await reconciler.switch.observe();
      return (desired.current?.links ?? []).map(view);
    },
    get: fresh,
    create: async (input) => {
      let name = '';
      await desired.change((current) => {
        const lab = labOf(current);
        const link = resolveLink(lab.name, { ...input, name: input.name });
        name = link.name;
        refuseTaken(
          lab.links.some((other) => other.name === name),
          `link ${name}`,
        );
        for (const endpoint of link.endpoints) refuseSecondPlug(lab, endpoint);
        return withLink(lab, link);
      });
      return fresh(name);
    },
    patch: async (name, patch) => {
      linkOf(desired.current, name);
      switchAgent(reconciler);
      const edit = (current: Lab | null) => withLink(labOf(current), mergeLink(linkOf(current, name), patch));
      await desired.change(edit, { needs: [THE_SWITCH] });
      return fresh(name);
    },
    delete: async (name) => {
      await desired.change((current) => {
        linkOf(current, name);
        return withoutLink(labOf(current), name);
      });
    },
    stats: async (link) => {
      linkOf(desired.current, link);
      return switchAgent(reconciler).call('link.stats', { link });
    },
  };
}

/** A device has one socket for a cable; a LAN has as many as one likes. */
function refuseSecondPlug(lab: Lab, endpoint: string): void {
  const link = lab.links.find((other) => other.endpoints.includes(endpoint));
  if (link === undefined || deviceEnd(endpoint) === null) return;
  throw new ControlError('EBUSY', `${endpoint} is plugged into link ${link.name} already: delete that first`);
}
