import { expect, test } from 'vitest';
import { socketUrl } from './socket-url.ts';

// biome-ignore format: one case a line
test.each([
  ['http://control:8080',             'ws://control:8080/v1/agent'],
  ['https://control:8080/',           'wss://control:8080/v1/agent'],
  ['wss://proxy/labs/one',            'wss://proxy/labs/one/v1/agent'],
  ['wss://proxy/labs/one/v1/agent',   'wss://proxy/labs/one/v1/agent'],
  ['ws+unix:/run/c.sock',             'ws+unix:/run/c.sock:/v1/agent'],
  ['ws+unix:/run/c.sock:/labs',       'ws+unix:/run/c.sock:/labs/v1/agent'],
  ['ws+unix:/run/c.sock:/v1/agent',   'ws+unix:/run/c.sock:/v1/agent'],
])('%s is dialled as %s', (written, dialled) => {
  expect(socketUrl(written, '/v1/agent')).toBe(dialled);
});
