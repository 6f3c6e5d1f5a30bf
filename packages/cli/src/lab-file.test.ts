import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readLabFile } from './lab-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'etherloom-lab-file-'));
const file = join(folder, 'two.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

const GOOD = `name: two
nodes:
  h1: { devices: { eth0: { ip: 10.0.0.1/24 } } }
lans:
  office: {}
links:
  - endpoints: ["h1:eth0", "lan:office"]
`;

function read(text: string) {
  writeFileSync(file, text);
  return readLabFile(file);
}

test('a good file is a resolved lab, JSON as well as YAML', () => {
  const lab = read(GOOD);
  expect(Object.keys(lab.nodes)).toEqual(['h1']);
  expect(read(JSON.stringify(lab))).toEqual(lab);
});

test('each mistake is a line of its own with file, line and path', () => {
  const bad = GOOD.replace('lans:', 'lands:').replace('ip: 10.0.0.1/24', 'mtu: 70000');
  expect(() => read(bad)).toThrow(
    new RegExp(`^${file}:3: nodes\\.h1\\.devices\\.eth0\\.mtu: [^\\n]*\\n${file}:4: lands: [^\\n]*$`),
  );
});

test('an empty file and a folder are no labs', () => {
  expect(() => read(' \n')).toThrow(`${file}: the lab file is empty`);
  expect(() => readLabFile(folder)).toThrow(`${folder}: it is a folder`);
});

test('a file that is not there is said to be missing', () => {
  expect(() => readLabFile('/nowhere/lab.yaml')).toThrow('/nowhere/lab.yaml: no such lab file');
});
