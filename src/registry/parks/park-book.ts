import type { District, LandUse, Park } from '../../model/parks.js';
import { type State, writeNow } from '../../state/port.js';
import { RegistryError } from '../port.js';
import { DISTRICTS, PARKS } from './data/parks.js';

type StoredPark = Omit<Park, 'landUse'> & { readonly landUse: string };

const SELECT = `SELECT no, id, name_zh AS nameZh, name_en AS nameEn, district, location_zh AS locationZh, area_mu AS areaMu,
  land_use AS landUse, current_industry_zh AS currentIndustryZh, leading_industry_zh AS leadingIndustryZh,
  renewal_zh AS renewalZh FROM parks ORDER BY no`;

/** Districts and parks; what ships with the service is brought into the file at every start. */
export class ParkBook {
  readonly districts: readonly District[];
  readonly parks: readonly Park[];
  private readonly byId: ReadonlyMap<string, Park>;

  constructor(state: State) {
    writeNow(state, (db) => {
      const district = db.prepare(`INSERT INTO districts VALUES (@id, @nameZh, @nameEn)
        ON CONFLICT (id) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en`);
      for (const one of DISTRICTS) district.run(one);
      const park = db.prepare(`INSERT INTO parks
        VALUES (@id, @no, @nameZh, @nameEn, @district, @locationZh, @areaMu, @landUse, @currentIndustryZh,
                @leadingIndustryZh, @renewalZh)
        ON CONFLICT (id) DO UPDATE SET no = excluded.no, name_zh = excluded.name_zh, name_en = excluded.name_en,
          district = excluded.district, location_zh = excluded.location_zh, area_mu = excluded.area_mu,
          land_use = excluded.land_use, current_industry_zh = excluded.current_industry_zh,
          leading_industry_zh = excluded.leading_industry_zh, renewal_zh = excluded.renewal_zh`);
      for (const one of PARKS) park.run({ ...one, landUse: JSON.stringify(one.landUse) });
    });
    this.districts = state.db
      .prepare<[], District>('SELECT id, name_zh AS nameZh, name_en AS nameEn FROM districts ORDER BY id')
      .all();
    const stored = state.db.prepare<[], StoredPark>(SELECT).all();
    this.parks = stored.map((park) => ({ ...park, landUse: JSON.parse(park.landUse) as LandUse[] }));
    this.byId = new Map(this.parks.map((park) => [park.id, park]));
  }

  park(id: string): Park | undefined {
    return this.byId.get(id);
  }

  /** @throws RegistryError when there is no such park */
  require(id: string, field = 'park'): Park {
    const park = this.byId.get(id);
    if (!park) throw new RegistryError('invalid', 'unknown_park', `there is no park ${id}`, field);
    return park;
  }
}
