/** A Docker engine for the tests: one of their own where they may start it, else the one that is there. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Program, root, run } from '../support/program.ts';
import { until } from '../support/until.ts';

export interface Engine {
  env: NodeJS.ProcessEnv;
  /** `docker compose` where the plugin is there, else docker-compose 1.29. */
  compose: string[];
  stop(): Promise<void>;
}

async function composeOf(env: NodeJS.ProcessEnv): Promise<string[]> {
  const plugin = await run('docker', ['compose', 'version'], { env });
  return plugin.code === 0 ? ['docker', 'compose'] : ['docker-compose'];
}

async function reachable(env: NodeJS.ProcessEnv): Promise<boolean> {
  return (await run('docker', ['info'], { env, seconds: 30 })).code === 0;
}

/** An engine that runs already is used as it is; otherwise dockerd is started on a socket and folder of its own. */
export async function startEngine(): Promise<Engine> {
  if (await reachable({})) {
    await baseImage({});
    return { env: {}, compose: await composeOf({}), stop: async () => {} };
  }
  const folder = mkdtempSync(join(tmpdir(), 'etherloom-docker-'));
  const env = { DOCKER_HOST: `unix://${folder}/docker.sock` };
  const data = process.env['ETHERLOOM_TEST_DOCKER_DATA'] ?? join(folder, 'data');
  const args = [
    '--data-root',
    data,
    '--exec-root',
    join(folder, 'exec'),
    '--pidfile',
    join(folder, 'pid'),
    '-H',
    env.DOCKER_HOST,
  ];
  const daemon = new Program('dockerd', args);
  const stop = async () => {
    await daemon.stop('SIGTERM', 30);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until('dockerd answers', () => reachable(env));
    await baseImage(env);
  } catch (error) {
    await stop();
    throw new Error(`no Docker engine: ${daemon.output.slice(-2000)}`, { cause: error });
  }
  return { env, compose: await composeOf(env), stop };
}

async function baseImage(env: NodeJS.ProcessEnv): Promise<void> {
  const done = await run('sh', [join(root, 'test/compose/base-image.sh'), 'node:24-bookworm-slim'], {
    env,
    seconds: 300,
  });
  if (done.code !== 0) throw new Error(`base image: ${done.stderr}`);
}
