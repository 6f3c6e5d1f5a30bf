import { expect, test } from 'vitest';
import { EthtoolPatch, mergeEthtool } from './ethtool.ts';

// biome-ignore format: one rule a line
test.each([
  ['sections are merged',                     { ring: { rx: 1, tx: 2 } },        { ring: { tx: 3 } },          '{"ring":{"rx":1,"tx":3}}'],
  ['what the patch does not name stays',      { ring: { rx: 1 } },               { pause: { rx: true } },      '{"ring":{"rx":1},"pause":{"rx":true}}'],
  ['a feature by another name comes last',    { features: { tso: false, gro: true } }, { features: { tso: true } }, '{"features":{"gro":true,"tso":true}}'],
  ['the first patch is all there is',         undefined,                         { ring: { rx: 1 } },          '{"ring":{"rx":1}}'],
])('%s', (_rule, base, patch, want) => {
  expect(JSON.stringify(mergeEthtool(base, patch))).toBe(want);
});

// biome-ignore format: one refusal a line
test.each([
  [{ ring: { rx: -1 } },                 'ring.rx'],
  [{ ring: { rx: 1.5 } },                'ring.rx'],
  [{ ring: { 'rx-max': 4 } },            'ring'],
  [{ coalesce: { 'rx-usecs': '50us' } }, 'coalesce.rx-usecs'],
  [{ features: { tso: 'off' } },         'features.tso'],
  [{ settings: { duplex: 'both' } },     'settings.duplex'],
  [{ settings: { speed: -1 } },          'settings.speed'],
  [{ wol: {} },                          ''],
])('%o is refused at %s', (patch, path) => {
  expect(EthtoolPatch.safeParse(patch).error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
});
