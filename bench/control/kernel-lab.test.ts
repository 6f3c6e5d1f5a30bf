import { expect, test } from 'vitest';
import { bigLab } from './big-lab.ts';
import { kernelLabLines } from './kernel-lab.ts';

test('the kernel makes the nodes, addresses and links of the lab file, and all of it goes again', () => {
  const { namespaces, bridge, hosts, end } = kernelLabLines(300);
  const addresses = hosts.flatMap(({ lines }) => lines.join(' ').match(/10\.\S+/g) ?? []);
  expect(addresses).toEqual(bigLab(300).match(/10\.[^ ]+(?= )/g));
  expect(bridge.filter((line) => line.includes('type veth')).length).toBe(300);
  expect(bridge.filter((line) => line.includes('master br0')).length).toBe(300);
  expect(end).toEqual(namespaces.map((line) => line.replace('add', 'del')));
  expect(new Set(end).size).toBe(301);
});
