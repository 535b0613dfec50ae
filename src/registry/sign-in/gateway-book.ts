import type { Database } from '../../sqlite.js';
import { writeNow } from '../../state/port.js';
import { type RegistryParts, requireRoom } from '../parts.js';
import { type Gateway, type GatewayInput, type GatewaySecret, RegistryError } from '../port.js';
import type { SecretChecker, SecretRecord } from './secret-checker.js';
import { digestSecret, hashSecret, newSecret } from './secrets.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

type StoredGateway = Omit<Gateway, 'online' | 'lastSeenAt'> & SecretRecord;

const SELECT = `SELECT id, park, name, created_at AS createdAt, secret_rotated_at AS secretRotatedAt, secret_hash AS stored,
  secret_digest AS digest FROM gateways`;

/** `shown` is handed out and so holds no secret; presence is kept in it, in memory alone. */
interface GatewayRecord {
  readonly shown: Mutable<Gateway>;
  readonly secret: SecretRecord;
}

interface GatewayParts extends RegistryParts {
  readonly checker: SecretChecker;
}

/** Gateways: their secrets, their sign-in, their presence. */
export class GatewayBook {
  signIns = 0;
  signInRefusals = 0;
  signInBusy = 0;
  private readonly records = new Map<string, GatewayRecord>();
  private readonly revokedListeners: ((gateway: string, removedFrom?: string) => void)[] = [];

  constructor(private readonly parts: GatewayParts) {
    for (const { stored, digest, ...gateway } of parts.state.db.prepare<[], StoredGateway>(SELECT).all()) {
      const shown = { ...gateway, online: false, lastSeenAt: null };
      this.records.set(gateway.id, { shown, secret: { stored, digest } });
    }
  }

  get size(): number {
    return this.records.size;
  }

  get online(): number {
    let online = 0;
    for (const { shown } of this.records.values()) if (shown.online) online += 1;
    return online;
  }

  get(id: string): Gateway | undefined {
    return this.records.get(id)?.shown;
  }

  list(park?: string): readonly Gateway[] {
    const all = [...this.records.values()].map(({ shown }) => shown);
    return all.filter((one) => park === undefined || one.park === park).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async signIn(id: string, secret: string, address = ''): Promise<Gateway | 'busy' | null> {
    const record = this.records.get(id);
    const remember = (digest: Buffer) => this.remember(id, record?.secret.stored ?? '', digest);
    const right = await this.parts.checker.check(id, secret, record?.secret, address, remember);
    // One that was removed meanwhile is gone; one that moved has its secret still.
    const now = this.records.get(id);
    if (right === true && now !== undefined && now.secret === record?.secret) {
      this.signIns += 1;
      return now.shown;
    }
    if (right === 'busy') this.signInBusy += 1;
    else this.signInRefusals += 1;
    return right === 'busy' ? 'busy' : null;
  }

  /** The next start need not ask scrypt again; should this not be stored, it does. */
  private remember(id: string, stored: string, digest: Buffer): void {
    const { state } = this.parts;
    const write = () =>
      state.db
        .prepare('UPDATE gateways SET secret_digest = ? WHERE id = ? AND secret_hash = ?')
        .run(digest, id, stored);
    state.commit(write).catch(() => undefined);
  }

  seen(id: string, now: number): void {
    const record = this.records.get(id);
    if (record) record.shown.lastSeenAt = now;
  }

  setOnline(id: string, online: boolean, now: number): void {
    const record = this.records.get(id);
    if (!record) return;
    record.shown.online = online;
    record.shown.lastSeenAt = now;
  }

  onRevoked(listener: (gateway: string, removedFrom?: string) => void): void {
    this.revokedListeners.push(listener);
  }

  async create(input: GatewayInput, who: string): Promise<GatewaySecret> {
    const { state, audit, parks, clock } = this.parts;
    parks.require(input.park);
    this.refuseDuplicate(input.id);
    const secret = newSecret();
    const [stored, digest] = [await hashSecret(secret), digestSecret(secret)];
    this.refuseDuplicate(input.id);
    requireRoom(this.parts, 'gateway_limit', this.records.size);
    const now = clock();
    const { id, park, name } = input;
    const shown = { id, park, name, createdAt: now, secretRotatedAt: now, online: false, lastSeenAt: null };
    writeNow(state, (db) => {
      db.prepare('INSERT INTO gateways VALUES (?, ?, ?, ?, ?, ?, ?)').run(id, park, name, now, now, stored, digest);
      audit.insertChange(db, { who, action: 'gateway.create', target: id, detail: { park, name } });
    });
    this.records.set(id, { shown, secret: { stored, digest } });
    return { gateway: shown, secret };
  }

  async rotate(id: string, who: string): Promise<GatewaySecret> {
    const { state, audit, clock } = this.parts;
    this.require(id);
    const secret = newSecret();
    const [stored, digest] = [await hashSecret(secret), digestSecret(secret)];
    const record = this.require(id);
    const now = clock();
    writeNow(state, (db) => {
      const update = 'UPDATE gateways SET secret_hash = ?, secret_digest = ?, secret_rotated_at = ? WHERE id = ?';
      db.prepare(update).run(stored, digest, now, id);
      audit.insertChange(db, { who, action: 'gateway.rotate_secret', target: id });
    });
    record.secret.stored = stored;
    record.secret.digest = digest;
    record.shown.secretRotatedAt = now;
    this.revoked(id);
    return { gateway: record.shown, secret };
  }

  remove(id: string, who: string): void {
    const { state, audit } = this.parts;
    const { park, name } = this.require(id).shown;
    writeNow(state, (db) => {
      db.prepare('DELETE FROM gateways WHERE id = ?').run(id);
      db.prepare('UPDATE devices SET gateway = NULL WHERE gateway = ?').run(id);
      audit.insertChange(db, { who, action: 'gateway.remove', target: id, detail: { park, name } });
    });
    this.records.delete(id);
    this.revoked(id, park);
  }

  /** Writes its move to `park`, within a transaction of the caller's; its devices belong to no gateway then. */
  writeMove(db: Database, id: string, park: string, who: string, detail: Readonly<Record<string, unknown>>): void {
    const from = this.require(id).shown.park;
    db.prepare('UPDATE gateways SET park = ? WHERE id = ?').run(park, id);
    db.prepare('UPDATE devices SET gateway = NULL WHERE gateway = ?').run(id);
    const moved = { from, to: park, ...detail };
    this.parts.audit.insertChange(db, { who, action: 'gateway.move', target: id, detail: moved });
  }

  /** Moves it in memory, once the caller has written that; its connections end. */
  moved(id: string, park: string): Gateway {
    const record = this.require(id);
    const from = record.shown.park;
    // Whoever holds what it was goes on holding that.
    const shown = { ...record.shown, park, online: false };
    this.records.set(id, { ...record, shown });
    this.revoked(id, from);
    return shown;
  }

  /** @throws RegistryError when there is no such gateway, or no such other park */
  requireToMove(id: string, park: string): Gateway {
    const { shown } = this.require(id);
    this.parts.parks.require(park);
    if (shown.park === park) {
      throw new RegistryError('invalid', 'same_park', `gateway ${id} is in park ${park} already`, 'park');
    }
    return shown;
  }

  private require(id: string): GatewayRecord {
    const record = this.records.get(id);
    if (!record) throw new RegistryError('missing', 'unknown_gateway', `there is no gateway ${id}`);
    return record;
  }

  private refuseDuplicate(id: string): void {
    if (this.records.has(id)) throw new RegistryError('conflict', 'gateway_exists', `there is a gateway ${id} already`);
  }

  private revoked(id: string, removedFrom?: string): void {
    for (const listener of this.revokedListeners) listener(id, removedFrom);
  }
}
