import type { ParkSettings } from '../../model/parks.js';
import { DOMAINS, type Domain } from '../../model/reading.js';
import { writeNow } from '../../state/port.js';
import type { RegistryParts } from '../parts.js';
import type { ParkProfiles } from '../port.js';
import { PARK_PROFILES } from './data/parks.js';

const DEFAULTS: ParkSettings = { deviceMoves: 'by_hand' };

/** What an administrator decided for a park; everything else is as it ships. */
export class ParkSettingsBook {
  private readonly byPark: Map<string, ParkSettings>;

  constructor(private readonly parts: RegistryParts) {
    const rows = parts.state.db
      .prepare<[], ParkSettings & { readonly park: string }>(
        'SELECT park, device_moves AS deviceMoves FROM park_settings',
      )
      .all();
    this.byPark = new Map(rows.map(({ park, deviceMoves }) => [park, { deviceMoves }]));
  }

  get(park: string): ParkSettings {
    return this.byPark.get(park) ?? DEFAULTS;
  }

  put(park: string, given: Partial<ParkSettings>, who: string): ParkSettings {
    const { state, audit, parks } = this.parts;
    parks.require(park);
    const settings = { ...this.get(park), ...given };
    writeNow(state, (db) => {
      db.prepare(`INSERT INTO park_settings (park, device_moves) VALUES (@park, @deviceMoves)
        ON CONFLICT (park) DO UPDATE SET device_moves = excluded.device_moves`).run({ park, ...settings });
      audit.insertChange(db, { who, action: 'park.settings', target: park, detail: { ...given } });
    });
    this.byPark.set(park, settings);
    return settings;
  }
}

interface StoredProfile {
  readonly park: string;
  readonly domain: Domain;
  readonly profile: string | null;
}

/** The limit profiles that hold in whole parks: as the service ships them, unless an administrator said otherwise. */
export class ParkProfileBook {
  /** Rises whenever the profiles of a park change. */
  revision = 0;
  private readonly byPark = new Map<string, ParkProfiles>();

  constructor(private readonly parts: RegistryParts) {
    const rows = parts.state.db.prepare<[], StoredProfile>('SELECT park, domain, profile FROM park_profiles').all();
    for (const { id } of parts.parks.parks) {
      const said = rows.filter(({ park }) => park === id).map(({ domain, profile }) => [domain, profile]);
      this.byPark.set(id, { ...NONE, ...PARK_PROFILES[id], ...Object.fromEntries(said) });
    }
  }

  of(park: string): ParkProfiles {
    return this.byPark.get(park) ?? NONE;
  }

  put(park: string, changes: Partial<ParkProfiles>, who: string): ParkProfiles {
    this.parts.parks.require(park);
    const before = this.of(park);
    const changed = DOMAINS.filter((domain) => changes[domain] !== undefined && changes[domain] !== before[domain]);
    if (changed.length === 0) return before;
    const detail = Object.fromEntries(changed.map((domain) => [domain, changes[domain] ?? null]));
    writeNow(this.parts.state, (db) => {
      const put = db.prepare(`INSERT INTO park_profiles VALUES (?, ?, ?)
        ON CONFLICT (park, domain) DO UPDATE SET profile = excluded.profile`);
      for (const domain of changed) put.run(park, domain, detail[domain]);
      this.parts.audit.insertChange(db, { who, action: 'park.limit_profiles', target: park, detail });
    });
    const after = { ...before, ...detail };
    this.byPark.set(park, after);
    this.revision += 1;
    return after;
  }
}

const NONE: ParkProfiles = { energy: null, wastewater: null, fire: null, traffic: null };
