import { expect, test } from 'vitest';
import { parseLabText, readLabFile } from './lab-file.ts';

const GOOD = `name: two
nodes:
  h1: { devices: { eth0: { ip: 10.0.0.1/24 } } }
  h2:
    devices:
      eth0:
        ip: 10.0.0.2/24
lans:
  office: {}
links:
  - endpoints: ["h1:eth0", "lan:office"]
  - endpoints: ["h2:eth0", "lan:office"]
`;

test('a good file is a resolved lab, JSON as well as YAML', () => {
  const lab = parseLabText(GOOD, 'two.yaml');
  expect(Object.keys(lab.nodes)).toEqual(['h1', 'h2']);
  expect(parseLabText(JSON.stringify(lab), 'two.json')).toEqual(lab);
});

// biome-ignore format: one mistake a line
test.each([
  ['an unknown key',                 ['lans:', 'lands:'],                        /^two\.yaml:8 lands: /],
  ['an unknown key deep inside',     ['        ip: 10.0.0.2/24', '        ipp: 10.0.0.2/24'], /^two\.yaml:7 nodes\.h2\.devices\.eth0\.ipp: /],
  ['an MTU of 67',                   ['        ip: 10.0.0.2/24', '        mtu: 67'], /^two\.yaml:7 nodes\.h2\.devices\.eth0\.mtu: .*68/],
  ['an endpoint that does not exist', ['["h2:eth0"', '["h3:eth0"'],              /^two\.yaml:12 links\[1\]\.endpoints\[0\]: /],
  ['broken YAML',                    ['  office: {}', '  office: {'],            /^two\.yaml:\d+ /],
])('%s is told with its line and path', (_name, [from, to], text) => {
  expect(() => parseLabText(GOOD.replace(from!, to!), 'two.yaml')).toThrow(text);
});

test('each of two mistakes has a line', () => {
  const bad = GOOD.replace('lans:', 'lands:').replace('        ip: 10.0.0.2/24', '        mtu: 70000');
  expect(() => parseLabText(bad, 'two.yaml')).toThrow(/^two\.yaml:7 .*mtu[^\n]*\ntwo\.yaml:8 lands: [^\n]*$/);
});

test('a file that is not there is said to be missing', () => {
  expect(() => readLabFile('/nowhere/lab.yaml')).toThrow('/nowhere/lab.yaml: no such lab file');
});
