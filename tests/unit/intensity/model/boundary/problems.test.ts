import { describe, expect, it } from 'vitest';
import { type DraftVersion, treeErrors } from '../../../../../src/intensity/model/boundary/problems.js';
import { withVersion } from '../../../../../src/intensity/model/boundary/tree.js';
import { firm, hour, meterOf, PARK, version } from './helpers.js';

const known = {
  domainOf: (device: string) =>
    device.includes('outfall') ? 'wastewater' : device.includes('ghost') ? undefined : 'energy',
  hasOwner: (owner: { id: string }) => ['binhai', 'shoes', 'plating'].includes(owner.id),
} as const;

const TREE = [version('main', null), version('a', 'main', { owner: firm('shoes') }), version('b', 'a')];
const wrong = (tree: readonly DraftVersion[]) => treeErrors(tree, known).map(({ field }) => field);

describe('a tree of meters', () => {
  it('may be as it is', () => {
    const solar = { carrier: 'green_power', role: 'generation', register: 'export_energy_kwh' } as const;
    const gas = { carrier: 'natural_gas', register: 'gas_volume_m3' } as const;
    const steam = { carrier: 'steam', register: 'steam_mass_t', role: 'generation' } as const;
    const tree = [
      ...TREE,
      { ...version('roof', 'main', { ...solar, owner: firm('shoes') }) },
      version('boiler', null, gas),
      version('boiler', null, steam),
      version('outfall', null, { carrier: 'wastewater', register: 'discharge_volume_m3' }),
    ];
    expect(treeErrors(tree, known)).toEqual([]);
    expect(treeErrors([], known)).toEqual([]);
  });

  it.each<[name: string, tree: DraftVersion[], fields: string[]]>([
    ['an unknown carrier', [{ ...version('main', null), carrier: 'coal' }], ['0.carrier']],
    ['a carrier that nothing meters', [version('main', null, { carrier: 'compressed_air' })], ['0.register']],
    ['a register of another carrier', [version('main', null, { register: 'gas_volume_m3' })], ['0.register']],
    ['what a main meter sends out', [version('main', null, { register: 'export_energy_kwh' })], ['0.register']],
    ['a device of another domain', [version('outfall', null)], ['0.device']],
    ['a device that is not known', [version('ghost', null)], ['0.device']],
    ['another park than the device', [version('main', null, { park: 'longwan' })], ['0.park']],
    ['an unknown role', [{ ...version('main', null), role: 'check' }], ['0.role']],
    ['green power that is not made', [version('main', null, { carrier: 'green_power' })], ['0.role']],
    ['an unknown enterprise', [version('main', null, { owner: firm('nobody') })], ['0.owner']],
    ['no whole hour', [version('main', null, { from: hour(0.5), to: hour(3.25) })], ['0.from', '0.to']],
    ['no time', [version('main', null, { from: hour(5), to: hour(5) })], ['0.to']],
    ['a sub-meter of nothing', [version('main', null, { role: 'sub' })], ['0.parent']],
    ['a main meter below another', [TREE[0]!, version('a', 'main', { role: 'main' })], ['1.parent']],
    ['itself', [version('a', 'a')], ['0.parent']],
    ['a parent that is not there', [version('a', 'main')], ['0.parent']],
    [
      'a parent of another network',
      [version('main', null, { carrier: 'steam', register: 'steam_mass_t' }), version('a', 'main')],
      ['1.parent'],
    ],
    ['a sub-meter before its main', [version('main', null, { from: hour(10) }), version('a', 'main')], ['1.from']],
    ['a sub-meter after its main', [version('main', null, { to: hour(10) }), version('a', 'main')], ['1.from']],
    [
      'versions that overlap',
      [TREE[0]!, version('a', 'main', { to: hour(9) }), version('a', 'main', { from: hour(8) })],
      ['2.from'],
    ],
    [
      'a meter in two trees',
      [TREE[0]!, version('other', null), version('a', 'main'), version('a', 'other')],
      ['3.device'],
    ],
    [
      'one register as two carriers',
      [TREE[0]!, version('main', null, { carrier: 'green_power', role: 'generation' })],
      ['1.device'],
    ],
    ['a loop', [TREE[0]!, version('a', 'b'), version('b', 'c'), version('c', 'a'), version('d', 'c')], ['1.parent']],
  ])('cannot have %s', (_name, tree, fields) => {
    expect(wrong(tree)).toEqual(fields);
  });

  it('has a loop where it has one at any time', () => {
    const tree = [
      TREE[0]!,
      version('a', 'main', { to: hour(9) }),
      version('a', 'b', { from: hour(9) }),
      version('b', 'a', { to: hour(12) }),
      version('b', 'main', { from: hour(12) }),
    ];
    expect(wrong(tree)).toHaveLength(1);
    expect(wrong(tree.with(3, version('b', 'main', { to: hour(12) })))).toEqual([]);
  });

  it('says what is expected', () => {
    expect(treeErrors([{ ...version('main', null), carrier: 'coal' }], known)[0]!.expected).toContain('natural_gas');
    expect(treeErrors([TREE[0]!, version('a', 'b'), version('b', 'a')], known)[0]!.expected).toBe(
      'a meter that is not below this one',
    );
  });
});

describe('a new version of a meter', () => {
  it('leaves what was before as it was', () => {
    const moved = withVersion([...TREE, version('other', null)], version('a', 'other', { from: hour(100) }));
    const versions = moved.filter(({ device }) => device === meterOf('a').device);
    expect(versions.map(({ from, to, parent }) => [from, to, parent?.device])).toEqual([
      [hour(0), hour(100), 'binhai/main'],
      [hour(100), Number.POSITIVE_INFINITY, 'binhai/other'],
    ]);
    expect(treeErrors(moved, known)).toEqual([]);
  });

  it('may stand for a time between', () => {
    const lent = withVersion(
      [version('a', null)],
      version('a', null, { owner: firm('plating'), from: hour(5), to: hour(9) }),
    );
    const spans = [...lent].sort((a, b) => a.from - b.from).map(({ from, to, owner }) => [from, to, owner.id]);
    expect(spans).toEqual([
      [hour(0), hour(5), PARK.id],
      [hour(5), hour(9), 'plating'],
      [hour(9), Number.POSITIVE_INFINITY, PARK.id],
    ]);
  });
});
