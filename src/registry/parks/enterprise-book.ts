import { writeNow } from '../../state/port.js';
import { type RegistryParts, requireRoom } from '../parts.js';
import { type Enterprise, RegistryError } from '../port.js';

const keyOf = (park: string, id: string) => `${park}/${id}`;

/** The enterprises in the parks, each of which has its own ids. */
export class EnterpriseBook {
  private readonly byKey: Map<string, Enterprise>;

  constructor(private readonly parts: RegistryParts) {
    const rows = parts.state.db
      .prepare<[], Enterprise>('SELECT id, park, name_zh AS nameZh, name_en AS nameEn FROM enterprises')
      .all();
    this.byKey = new Map(rows.map((row) => [keyOf(row.park, row.id), row]));
  }

  get(park: string, id: string): Enterprise | undefined {
    return this.byKey.get(keyOf(park, id));
  }

  /** The enterprises of all parks that have this id. */
  called(id: string): readonly Enterprise[] {
    return this.parts.parks.parks.flatMap((park) => this.get(park.id, id) ?? []);
  }

  /** By id, then park. */
  list(park?: string): readonly Enterprise[] {
    return [...this.byKey.values()]
      .filter((one) => park === undefined || one.park === park)
      .sort((a, b) => (a.id < b.id || (a.id === b.id && a.park < b.park) ? -1 : 1));
  }

  put(input: Enterprise, who: string): { readonly enterprise: Enterprise; readonly created: boolean } {
    const { state, audit, parks } = this.parts;
    const { id, park, nameZh, nameEn } = input;
    parks.require(park);
    const known = this.get(park, id);
    if (!known) requireRoom(this.parts, 'enterprise_limit', this.byKey.size);
    const enterprise = { id, park, nameZh, nameEn };
    writeNow(state, (db) => {
      db.prepare(`INSERT INTO enterprises VALUES (@id, @park, @nameZh, @nameEn)
        ON CONFLICT (park, id) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en`).run(enterprise);
      const action = known ? 'enterprise.update' : 'enterprise.create';
      audit.insertChange(db, { who, action, target: id, detail: { park, nameZh, nameEn } });
    });
    this.byKey.set(keyOf(park, id), enterprise);
    return { enterprise, created: !known };
  }

  /** `park` may be left out where one park alone has an enterprise of that id. */
  remove(id: string, who: string, park?: string): void {
    const { state, audit } = this.parts;
    const known = park === undefined ? this.only(id) : this.get(park, id);
    if (!known) throw new RegistryError('missing', 'unknown_enterprise', `there is no enterprise ${id}`);
    writeNow(state, (db) => {
      const count = 'SELECT count(*) FROM devices WHERE park = ? AND enterprise = ?';
      const devices = db.prepare<[string, string], number>(count).pluck().get(known.park, id);
      if (devices) {
        throw new RegistryError('conflict', 'enterprise_in_use', `${devices} devices belong to enterprise ${id}`);
      }
      db.prepare('DELETE FROM enterprises WHERE park = ? AND id = ?').run(known.park, id);
      audit.insertChange(db, { who, action: 'enterprise.remove', target: id, detail: { ...known } });
    });
    this.byKey.delete(keyOf(known.park, id));
  }

  private only(id: string): Enterprise | undefined {
    const [one, ...others] = this.called(id);
    return others.length === 0 ? one : undefined;
  }
}
