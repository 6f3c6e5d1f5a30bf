import { InputError } from '@etherloom/schema';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLabText } from './lab-text.ts';

function complaint(text: string, filename?: string): string {
  try {
    parseLabText(text, { filename });
    return 'none';
  } catch (error) {
    return error instanceof InputError ? `${error.code} ${error.message}` : `not ours: ${error}`;
  }
}

test('YAML and JSON of one lab are one lab', () => {
  const yaml = 'name: x\nnodes:\n  h1: { devices: { eth0: { ip: 10.0.0.1/24, mac: 02:00:00:00:00:01 } } }\n';
  const json =
    '{"name":"x","nodes":{"h1":{"devices":{"eth0":{"ip":"10.0.0.1/24","mac":"02:00:00:00:00:01"}}}}}';
  expect(parseLabText(yaml)).toEqual(parseLabText(json));
});

test('an anchor may be used again', () => {
  const text = 'nodes:\n  h1: &h\n    devices: { eth0: }\n  h2: *h\n  h3:\n    <<: *h\n    stack: none\n';
  const { nodes } = parseLabText(text);
  expect(Object.keys(nodes['h2']!.devices)).toEqual(['eth0']);
  expect([nodes['h3']?.stack, Object.keys(nodes['h3']!.devices)]).toEqual(['none', ['eth0']]);
});

// biome-ignore format: one case a line
test.each([
  ['an unknown key', 'name: x\nnodez: {}\n', 'EINVAL lab.yaml:2: nodez: unknown key'],
  ['an unknown key in a flow', 'nodes:\n  h1: { devices: { eth0: {\n    mtuu: 5 } } }\n', 'EINVAL lab.yaml:3: nodes.h1.devices.eth0.mtuu: unknown key'],
  ['a bad value', 'nodes:\n  h1:\n    devices:\n      eth0:\n        mtu: 67\n', 'EINVAL lab.yaml:5: nodes.h1.devices.eth0.mtu: mtu less'],
  ['an endpoint that does not exist', 'lans: { o: }\nlinks:\n  - endpoints:\n      - lan:o\n      - h1:eth0\n', 'EINVAL lab.yaml:5: links[0].endpoints[1]: "h1:eth0" does not exist'],
  ['something missing', 'links:\n  - name: a\n  - name: b\n', 'EINVAL lab.yaml:2: links[0].endpoints: '],
  ['a fault behind an alias', 'nodes:\n  h1: &h { stack: x }\n  h2: *h\n', 'EINVAL lab.yaml:2: nodes.h1.stack: stack is'],
  ['a key twice', 'name: x\nname: y\n', 'EINVAL lab.yaml:2: "name" is here twice (column 1)'],
  ['bad YAML', 'nodes: [\n', 'EINVAL lab.yaml:'],
  ['a prototype', 'nodes:\n  __proto__: {}\n', 'EINVAL lab.yaml:2: "__proto__" is no name'],
  ['a list for a name', '[a]: 1\n', 'EINVAL lab.yaml:1: a name must be plain text'],
  ['two documents', 'name: a\n---\nname: b\n', 'EINVAL lab.yaml:2: Source contains multiple documents'],
  ['a tag that would make an object', 'name: !!js/function x\nfoo: 1\n', 'EINVAL lab.yaml:2: foo: unknown key'],
])('%s is told with its line', (_, text, want) => {
  expect(complaint(text, 'lab.yaml')).toContain(want);
});

test.each(['', '\n', '# a lab\n', '---\n', 'null'])('%j is no lab, and the empty lab is', (text) => {
  expect(complaint(text)).toMatch(/^EINVAL there is nothing in it/);
  expect(complaint('{}')).toBe('none');
});

test('a bomb of aliases is refused, not unfolded', () => {
  let text = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n';
  for (let i = 1; i < 10; i++) text += `a${i}: &a${i} [${`*a${i - 1}, `.repeat(10)}]\n`;
  expect(complaint(text)).toMatch(/^EINVAL Excessive alias count/);
});

test('a tower of brackets is refused, not fallen off', () => {
  const towers = ['['.repeat(100_000), '{a: '.repeat(20_000), '- '.repeat(20_000), '? '.repeat(20_000)];
  for (let i = 0; i < 3; i++)
    towers.push(Array.from({ length: 1000 }, (_, n) => `${' '.repeat(n)}${'a:-?'[i]}`).join('\n'));
  for (const tower of towers) expect(complaint(tower)).toBe('EINVAL this is nested too deeply to be a lab');
});

// Each a mistake by itself. With a stack for each the parser takes longer than a test may, and all else waits.
test.each([']', '?\n'])(
  '256 KiB of nothing but %j is refused in good time',
  { timeout: 30_000 },
  (mistake) => {
    expect(complaint(mistake.repeat(250_000 / mistake.length))).toMatch(/^EINVAL .*; and \d+ more$/);
  },
);

test('whatever the text, the answer is a lab or a complaint', () => {
  const words = [
    'nodes:',
    ' ',
    '\n',
    '  ',
    'h1:',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '&a',
    '*a',
    '"',
    "'",
    '<<:',
    ': ',
    '#',
    '?',
    '|',
    '!!',
    'x',
    '1',
    '\t',
    '---',
  ];
  const yamlish = fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(yamlish, fc.string()), (text) => {
      expect(complaint(text)).toMatch(/^(none|EINVAL |EOPNOTSUPP )/);
    }),
    { numRuns: 1500, seed: 7 },
  );
});
