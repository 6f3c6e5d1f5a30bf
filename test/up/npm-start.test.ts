import process from 'node:process';
import { expect, test } from 'vitest';
import { freePort, Program } from '../support/program.ts';
import { restOf } from '../support/rest.ts';
import { until } from '../support/until.ts';

test('npm start brings the three hosts up within 10 s of the build, and Ctrl-C leaves nothing', async () => {
  const ports = [await freePort(), await freePort()];
  const program = new Program('npm', [
    'start',
    '--',
    '--control-port',
    `${ports[0]}`,
    '--switch-port',
    `${ports[1]}`,
  ]);
  try {
    await until('it is built', () => program.output.includes('Starting lab three-hosts'), 60);
    await until('it is ready', () => program.output.includes('Ready.'), 10);
    const rest = restOf(`http://127.0.0.1:${ports[0]}`);
    for (const target of ['10.0.0.2', '10.0.0.3']) {
      const { body } = await rest('POST', '/v1/nodes/h1/ping', { target, count: 2, interval: '10ms' });
      expect(body).toMatchObject({ sent: 2, received: 2 });
    }
    // Ctrl-C reaches every process of the terminal's foreground group.
    for (const id of program.processes()) process.kill(id, 'SIGINT');
    await until('every process has ended', () => program.processes().length === 0);
  } finally {
    await program.stop('SIGKILL').catch(() => {});
  }
  expect(program.output).not.toMatch(/\n\s+at |Error:/);
});
