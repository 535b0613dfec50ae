import type { ParkSettings } from '../../model/parks.js';
import { type State, writeNow } from '../../state/port.js';
import type { AuditLog } from '../audit/audit-log.js';
import type { ParkBook } from './park-book.js';

interface Deps {
  readonly state: State;
  readonly audit: AuditLog;
  readonly parks: ParkBook;
}

const DEFAULTS: ParkSettings = { deviceMoves: 'by_hand' };

/** What an administrator decided for a park; everything else is as it ships. */
export class ParkSettingsBook {
  private readonly byPark: Map<string, ParkSettings>;

  constructor(private readonly deps: Deps) {
    const rows = deps.state.db
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
    const { state, audit, parks } = this.deps;
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
