/** `etherloom ethtool`: ethtool(8) for every device of the lab. */
import { type Client, ClientError } from '@etherloom/client';
import type { Ethtool } from '@etherloom/schema';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { addConnection, callFailure, connect } from '../connect.ts';
import { channelsText, coalesceText, drvinfoText, featuresText, pauseText, ringText, statsText } from '../format/ethtool.ts'; // biome-ignore format: one line of names
import { settingsText } from '../format/ethtool-settings.ts';
import { toolJson } from '../format/json.ts';
import { print } from '../output.ts';
import { type EthtoolCommand, type EthtoolSection, readEthtoolWords } from '../words/ethtool-words.ts';
import { mistake } from '../words/mistakes.ts';
import { ETHTOOL_HELP } from './ethtool-help.ts';
import { oneDevice, type Place, strerror } from './lab-devices.ts';
import { toolVersion } from './tool-version.ts';

export function ethtoolCommand(program: Command): void {
  const command = program
    .command('ethtool')
    .argument('[WORDS...]', 'as given to ethtool(8)')
    .description('ethtool on any device of a running lab')
    .passThroughOptions()
    .allowUnknownOption()
    .helpOption('--help', 'say what there is');
  addConnection(command)
    .addHelpText('after', ETHTOOL_HELP)
    .action((words: string[]) => ethtool(command, words));
}

async function ethtool(command: Command, words: readonly string[]): Promise<void> {
  const { json, node, command: wanted } = readEthtoolWords(words);
  if (wanted.what === 'help') return command.outputHelp();
  if (wanted.what === 'version') return print(toolVersion('ethtool', command));
  const { client } = connect(command);
  try {
    const place = await oneDevice(client, node, wanted.dev);
    await (wanted.what === 'show' ? show(client, place, wanted.section, json) : set(client, place, wanted));
  } catch (error) {
    // Why here: what reads JSON from a tool gets some, whatever comes of it.
    if (json) print(toolJson([], true));
    throw refusal(error, wanted);
  }
}

async function show(client: Client, place: Place, section: EthtoolSection, json: boolean): Promise<void> {
  const params = { ...place };
  if (section === 'permaddr') return showPermaddr(client, place, json);
  const all = await client.getDeviceEthtool({ params });
  const values: Readonly<Record<string, unknown>> = all[section];
  if (Object.keys(values).length === 0) throw unsupported(section);
  if (json) return print(toolJson([{ ifname: place.dev, ...values }], true));
  print(sectionText(section, place.dev, all));
}

async function showPermaddr(client: Client, place: Place, json: boolean): Promise<void> {
  const device = await client.getDevice({ params: { ...place } });
  const address = (device as { permaddr?: string }).permaddr ?? device.address;
  if (json) print(toolJson([{ ifname: place.dev, 'permanent-address': address }], true));
  else print(`Permanent address: ${/^[0:]*$/.test(address) ? 'not set' : address}`);
}

function sectionText(section: Exclude<EthtoolSection, 'permaddr'>, dev: string, all: Ethtool): string {
  switch (section) {
    case 'settings':
      return settingsText(dev, all.settings);
    case 'drvinfo':
      return drvinfoText(all.drvinfo);
    case 'features':
      return featuresText(dev, all.features);
    case 'ring':
      return ringText(dev, all.ring);
    case 'coalesce':
      return coalesceText(dev, all.coalesce);
    case 'pause':
      return pauseText(dev, all.pause);
    case 'channels':
      return channelsText(dev, all.channels);
    case 'stats':
      return statsText(all.stats);
  }
}

async function set(client: Client, place: Place, wanted: Extract<EthtoolCommand, { what: 'set' }>): Promise<void> {
  const params = { ...place };
  const { features } = wanted.patch;
  const before = features === undefined ? null : await client.getDeviceEthtool({ params });
  const after = await client.patchDeviceEthtool({ params, body: wanted.patch });
  if (before === null || features === undefined) return;
  const { featureChanges } = await import('../format/feature-changes.ts');
  const changes = featureChanges(before.features, after.features, features);
  if (changes !== null) print(changes);
} // biome-ignore format: a step a line

/** What the driver does not answer, in ethtool's words and with its exit codes. */
function unsupported(section: EthtoolSection): CliError {
  if (section === 'drvinfo') return mistake('Cannot get driver information: Operation not supported', 71);
  if (section === 'stats') return mistake('no stats available', 94);
  return mistake('netlink error: Operation not supported', 1);
}

/** A device that is not there: what ethtool says and ends with, by what was asked of it. */
function missing(wanted: EthtoolCommand, cause: unknown): CliError {
  const section = wanted.what === 'show' ? wanted.section : null;
  if (section === 'drvinfo') return mistake('Cannot get driver information: No such device', 71, cause);
  if (section === 'stats') return mistake('Cannot get stats strings information: No such device', 96, cause);
  if (section === 'permaddr') return mistake('netlink error: No such device', 1, cause);
  if (section === 'settings') print('No data available');
  const text = 'netlink error: no device matches name\nnetlink error: No such device';
  return mistake(text, section === 'settings' ? 75 : exitOf(wanted), cause);
}

/** The numbers ethtool ends with when it is refused, by its option. */
const REFUSED_EXIT: readonly (readonly [exitCode: number, ...options: string[]])[] = [
  [81, '-G', '--set-ring'],
  [75, '-s', '--change'],
  [76, '-A', '--pause'],
  [92, '-K', '--features', '--offload'],
];

function exitOf(wanted: EthtoolCommand): number {
  const option = wanted.what === 'set' ? wanted.option : '';
  return REFUSED_EXIT.find(([, ...options]) => options.includes(option))?.[0] ?? 1;
}

const IDLE = 'Could not change any device features';

/** As ethtool tells it: why, where the kernel says why, and what the error is called. */
function refusal(error: unknown, wanted: EthtoolCommand): unknown {
  if (error instanceof CliError) return error.message.startsWith('Cannot find device') ? missing(wanted, error) : error;
  if (!(error instanceof ClientError) || error.status === 0) return error;
  if (error.code === 'ENODEV' && error.message.includes('no device')) return missing(wanted, error);
  if (error.code === 'ENOENT') return error;
  const { message } = callFailure(error, 1);
  if (message.startsWith(IDLE)) return mistake(message, 1, error);
  const name = strerror(error.code);
  const named = message.startsWith(name) ? '' : `\nnetlink error: ${name}`;
  return mistake(`netlink error: ${message}${named}`, exitOf(wanted), error);
} // biome-ignore format: a decision a line
