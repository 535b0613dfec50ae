import { DOMAINS, type Domain } from '../../model/reading.js';
import { type State, writeNow } from '../../state/port.js';
import type { AuditLog } from '../audit/audit-log.js';
import type { ParkProfiles } from '../port.js';
import { PARK_PROFILES } from './data/park-profiles.js';
import type { ParkBook } from './park-book.js';

interface Row {
  readonly park: string;
  readonly domain: Domain;
  readonly profile: string | null;
}

/** The limit profiles that hold in whole parks: as the service ships them, unless an administrator said otherwise. */
export class ParkProfileBook {
  /** Rises whenever the profiles of a park change. */
  revision = 0;
  private readonly byPark = new Map<string, ParkProfiles>();

  constructor(private readonly deps: { readonly state: State; readonly audit: AuditLog; readonly parks: ParkBook }) {
    const rows = deps.state.db.prepare<[], Row>('SELECT park, domain, profile FROM park_profiles').all();
    for (const { id } of deps.parks.parks) {
      const said = rows.filter(({ park }) => park === id).map(({ domain, profile }) => [domain, profile]);
      this.byPark.set(id, { ...NONE, ...PARK_PROFILES[id], ...Object.fromEntries(said) });
    }
  }

  of(park: string): ParkProfiles {
    return this.byPark.get(park) ?? NONE;
  }

  put(park: string, changes: Partial<ParkProfiles>, who: string): ParkProfiles {
    this.deps.parks.require(park);
    const before = this.of(park);
    const changed = DOMAINS.filter((domain) => changes[domain] !== undefined && changes[domain] !== before[domain]);
    if (changed.length === 0) return before;
    const detail = Object.fromEntries(changed.map((domain) => [domain, changes[domain] ?? null]));
    writeNow(this.deps.state, (db) => {
      const put = db.prepare(`INSERT INTO park_profiles VALUES (?, ?, ?)
        ON CONFLICT (park, domain) DO UPDATE SET profile = excluded.profile`);
      for (const domain of changed) put.run(park, domain, detail[domain]);
      this.deps.audit.insertChange(db, { who, action: 'park.limit_profiles', target: park, detail });
    });
    const after = { ...before, ...detail };
    this.byPark.set(park, after);
    this.revision += 1;
    return after;
  }
}

const NONE: ParkProfiles = { energy: null, wastewater: null, fire: null, traffic: null };
