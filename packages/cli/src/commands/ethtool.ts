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
import { oneDevice, type Place } from './lab-devices.ts';

export function ethtoolCommand(program: Command): void {
  const command = program
    .command('ethtool')
    .argument('[WORDS...]', 'as given to ethtool(8)')
    .description('ethtool on any device of a running lab')
    .passThroughOptions()
    .allowUnknownOption();
  addConnection(command)
    .addHelpText('after', ETHTOOL_HELP)
    .action((words: string[]) => ethtool(command, words));
}

async function ethtool(command: Command, words: readonly string[]): Promise<void> {
  const { json, node, command: wanted } = readEthtoolWords(words);
  if (wanted.what === 'help') return command.outputHelp();
  const { client } = connect(command);
  const place = await oneDevice(client, node, wanted.dev).catch((error: unknown) => {
    throw noDevice(error, wanted);
  });
  const work =
    wanted.what === 'show' ? show(client, place, wanted.section, json) : set(client, place, wanted);
  await work.catch((error: unknown) => {
    throw refusal(error, place, wanted);
  });
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

async function set(
  client: Client,
  place: Place,
  wanted: Extract<EthtoolCommand, { what: 'set' }>,
): Promise<void> {
  await client.patchDeviceEthtool({ params: { ...place }, body: wanted.patch });
}

/** What the driver does not answer, in ethtool's words and with its exit codes. */
function unsupported(section: EthtoolSection): CliError {
  if (section === 'drvinfo') return mistake('Cannot get driver information: Operation not supported', 71);
  if (section === 'stats') return mistake('no stats available', 94);
  return mistake('netlink error: Operation not supported', 1);
}

function noDevice(error: unknown, wanted: EthtoolCommand): unknown {
  if (error instanceof CliError && error.message.startsWith('Cannot find device'))
    return missing(wanted, error);
  return error;
}

function missing(wanted: EthtoolCommand, cause: Error): CliError {
  const texts: Readonly<Record<string, string>> = {
    drvinfo: 'Cannot get driver information: No such device',
    stats: 'Cannot get stats strings information: No such device',
  };
  const text = wanted.what === 'show' ? texts[wanted.section] : undefined;
  return new CliError(text ?? 'netlink error: no device matches name\nnetlink error: No such device', {
    cause,
  });
}

/** The numbers ethtool ends with when a driver has no such operation, by its option. */
const UNSUPPORTED_EXIT: readonly (readonly [exitCode: number, ...options: string[]])[] = [
  [81, '-G', '--set-ring'],
  [75, '-s', '--change'],
  [76, '-A', '--pause'],
  [92, '-K', '--features', '--offload'],
];

function refusal(error: unknown, { dev }: Place, wanted: EthtoolCommand): unknown {
  if (!(error instanceof ClientError) || error.status === 0) return error;
  if (error.code === 'ENODEV' && error.message.includes(`no device ${dev}`)) return missing(wanted, error);
  if (error.code === 'ENOENT') return error;
  const option = wanted.what === 'set' ? wanted.option : '';
  const row = UNSUPPORTED_EXIT.find(([, ...options]) => options.includes(option));
  const exitCode = error.code === 'EOPNOTSUPP' && row !== undefined ? row[0] : 1;
  const { message } = callFailure(error, exitCode);
  return new CliError(`netlink error: ${message}`, { exitCode, cause: error });
}
