import { expect, test } from 'vitest';
import { placeOf, thrownText } from './where.ts';

const stack = (line: string) => ({ stack: `Error: mark\n    ${line}` });
const all = () => true;

// biome-ignore format: one case a line
test.each([
  ['at open (file:///home/me/my-nic.ts:31:7)',                     'my-nic.ts:31'],
  ['at file:///home/me/my-nic.ts:31:7',                            'my-nic.ts:31'],
  ['at async file:///home/me/my-nic.ts:31:7',                      'my-nic.ts:31'],
  ['at Object.open [as ndoOpen] (file:///home/me/my-nic.ts:31:7)', 'my-nic.ts:31'],
  ['at open (file:///home/me/lab%20(2)/my-nic.ts:31:7)',           'my-nic.ts:31'],
  ['at file:///home/me/a(b/my-nic.ts:31:7',                        'my-nic.ts:31'],
  ['at open (file:///home/%C3%BC/m%C3%BC%20(1).ts:31:7)',          'mü (1).ts:31'],
  ['at open (file:///home/me/100%25.ts?v=2:31:7)',                 '100%.ts:31'],
  ['at open (/home/me/lab (2)/my nic.ts:31:7)',                    'my nic.ts:31'],
  ['at /home/me/my-nic.ts:31:7',                                   'my-nic.ts:31'],
  ['at process.processTicksAndRejections (node:internal/process/task_queues:95:5)', null],
])('the place of the stack line "%s" is %s', (line, place) => {
  expect(placeOf(stack(line), all)).toBe(place);
});

test('the innermost place of the driver counts, whatever is within it', () => {
  const thrown = {
    stack: 'Error: x\n at a (file:///core.js:1:1)\n at b (file:///d.ts:2:1)\n at c (file:///d.ts:3:1)',
  };
  expect(placeOf(thrown, (file) => file.endsWith('d.ts'))).toBe('d.ts:2');
});

const trap = {
  get stack(): string {
    throw new Error('no stack');
  },
  toString(): string {
    throw new Error('no text');
  },
};

test.each([[undefined], [null], ['text'], [7], [Symbol('s')], [{}], [Object.create(null)], [trap]])(
  'whatever is thrown has no place, and a text: %#',
  (thrown) => {
    expect(placeOf(thrown, all)).toBeNull();
    expect(thrownText(thrown)).toBeTypeOf('string');
  },
);
