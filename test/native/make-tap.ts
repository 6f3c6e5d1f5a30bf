/** A process of its own for tests: makes a namespace and a TAP in it (argument `-`: a TAP where it is), says how it went, and waits. */
import { Net, NetError, rtnlNewLink } from '@etherloom/netcore';
import { createNetns, tapLinkOps } from '@etherloom/tap';
import { nodeHost } from '../../packages/node/src/node-host.ts';

const [name = '-', ifname = 'eth0'] = process.argv.slice(2);
try {
  const netns = name === '-' ? null : createNetns(name);
  rtnlNewLink(new Net(nodeHost), tapLinkOps, { ifname, netns });
  console.log(JSON.stringify({ pid: process.pid }));
  setInterval(() => {}, 1000);
} catch (error) {
  if (!(error instanceof NetError)) throw error;
  console.log(JSON.stringify({ code: error.code, message: error.message }));
  process.exit(1);
}
