import type { State } from '../state/port.js';
import { writeNow } from '../state/write-now.js';
import type { AuditLog } from './audit.js';
import type { RegistryLimits } from './limits.js';
import type { ParkBook } from './parks.js';
import { type Enterprise, RegistryError } from './port.js';

interface EnterpriseBookDeps {
  readonly state: State;
  readonly audit: AuditLog;
  readonly parks: ParkBook;
  readonly limits: RegistryLimits;
}

/** The enterprises in the parks. */
export class EnterpriseBook {
  private readonly byId: Map<string, Enterprise>;

  constructor(private readonly deps: EnterpriseBookDeps) {
    const rows = deps.state.db
      .prepare<[], Enterprise>('SELECT id, park, name_zh AS nameZh, name_en AS nameEn FROM enterprises')
      .all();
    this.byId = new Map(rows.map((row) => [row.id, row]));
  }

  get(id: string): Enterprise | undefined {
    return this.byId.get(id);
  }

  list(park?: string): readonly Enterprise[] {
    return [...this.byId.values()]
      .filter((one) => park === undefined || one.park === park)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  put(input: Enterprise, who: string): { readonly enterprise: Enterprise; readonly created: boolean } {
    const { state, audit, parks, limits } = this.deps;
    const { id, park, nameZh, nameEn } = input;
    const known = this.byId.get(id);
    parks.require(park);
    if (known && known.park !== park) {
      throw new RegistryError('conflict', 'enterprise_in_other_park', `enterprise ${id} is in park ${known.park}`);
    }
    if (!known && this.byId.size >= limits.enterprises) {
      const message = `the registry takes no more than ${limits.enterprises} enterprises`;
      throw new RegistryError('conflict', 'enterprise_limit', message);
    }
    const enterprise = { id, park, nameZh, nameEn };
    writeNow(state, (db) => {
      db.prepare(`INSERT INTO enterprises VALUES (@id, @park, @nameZh, @nameEn)
        ON CONFLICT (id) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en`).run(enterprise);
      const action = known ? 'enterprise.update' : 'enterprise.create';
      audit.insertChange(db, { who, action, target: id, detail: { park, nameZh, nameEn } });
    });
    this.byId.set(id, enterprise);
    return { enterprise, created: !known };
  }

  remove(id: string, who: string): void {
    const { state, audit } = this.deps;
    const known = this.byId.get(id);
    if (!known) throw new RegistryError('missing', 'unknown_enterprise', `there is no enterprise ${id}`);
    writeNow(state, (db) => {
      const devices = db.prepare<[string], number>('SELECT count(*) FROM devices WHERE enterprise = ?').pluck().get(id);
      if (devices) {
        throw new RegistryError('conflict', 'enterprise_in_use', `${devices} devices belong to enterprise ${id}`);
      }
      db.prepare('DELETE FROM enterprises WHERE id = ?').run(id);
      audit.insertChange(db, { who, action: 'enterprise.remove', target: id, detail: { ...known } });
    });
    this.byId.delete(id);
  }
}
