import { describe, expect, it } from 'vitest';
import { openTestRegistry } from './helpers.js';

describe('parks and districts', () => {
  it('holds the 17 parks of annex 1 in its order, with every field', () => {
    const { registry } = openTestRegistry();
    const parks = registry.parks();
    expect(parks.map((park) => park.no)).toEqual(Array.from({ length: 17 }, (_, index) => index + 1));
    expect(registry.park('oh-diandu')).toEqual({
      no: 15,
      id: 'oh-diandu',
      nameZh: '瓯海电镀基地',
      nameEn: 'Ouhai Electroplating Base',
      district: 'ouhai',
      locationZh: '郭溪街道',
      areaMu: 210,
      landUse: ['M2'],
      currentIndustryZh: '电镀',
      leadingIndustryZh: '电镀',
      renewalZh: '整治提升',
    });
    expect(parks.reduce((sum, park) => sum + park.areaMu, 0)).toBe(11_139);
  });

  it('has each park in one of the three districts: 5 in Lucheng, 6 in Longwan, 6 in Ouhai', () => {
    const { registry } = openTestRegistry();
    const perDistrict = registry
      .districts()
      .map(({ id }) => [id, registry.parks().filter((park) => park.district === id).length]);
    expect(Object.fromEntries(perDistrict)).toEqual({ lucheng: 5, longwan: 6, ouhai: 6 });
  });

  it('brings a file with older names up to date at the next start', () => {
    const first = openTestRegistry();
    first.state.db.prepare(`UPDATE parks SET name_en = 'Old name', area_mu = 1 WHERE id = 'oh-diandu'`).run();
    const { registry } = first.restart();
    expect(registry.park('oh-diandu')).toMatchObject({ nameEn: 'Ouhai Electroplating Base', areaMu: 210 });
  });
});
