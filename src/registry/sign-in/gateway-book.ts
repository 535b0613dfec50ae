import type { Database } from '../../sqlite.js';
import { writeNow } from '../../state/port.js';
import { type RegistryParts, requireRoom } from '../parts.js';
import { type Gateway, type GatewayInput, type GatewaySecret, RegistryError } from '../port.js';
import type { SecretChecker, StoredSecret } from './secret-checker.js';
import { digestSecret, hashSecret, newSecret } from './secrets.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

type StoredGateway = Omit<Gateway, 'online' | 'lastSeenAt'> & StoredSecret;

const SELECT = `SELECT id, park, name, created_at AS createdAt, secret_rotated_at AS secretRotatedAt, secret_hash AS stored,
  secret_digest AS digest FROM gateways`;

/** `shown` leaves the book and so contains no secret; it holds the presence, only in memory. */
interface KnownGateway {
  readonly shown: Mutable<Gateway>;
  readonly secret: StoredSecret;
}

interface GatewayParts extends RegistryParts {
  readonly checker: SecretChecker;
}

/** Gateways: their secrets, their sign-in, their presence. */
export class GatewayBook {
  signIns = 0;
  signInRefusals = 0;
  signInBusy = 0;
  private readonly byId = new Map<string, KnownGateway>();
  private readonly revokedListeners: ((gateway: string, removedFrom?: string) => void)[] = [];

  constructor(private readonly parts: GatewayParts) {
    for (const { stored, digest, ...gateway } of parts.state.db.prepare<[], StoredGateway>(SELECT).all()) {
      const shown = { ...gateway, online: false, lastSeenAt: null };
      this.byId.set(gateway.id, { shown, secret: { stored, digest } });
    }
  }

  get size(): number {
    return this.byId.size;
  }

  get online(): number {
    let online = 0;
    for (const { shown } of this.byId.values()) if (shown.online) online += 1;
    return online;
  }

  get(id: string): Gateway | undefined {
    return this.byId.get(id)?.shown;
  }

  list(park?: string): readonly Gateway[] {
    const all = [...this.byId.values()].map(({ shown }) => shown);
    return all.filter((one) => park === undefined || one.park === park).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async signIn(id: string, secret: string, address = ''): Promise<Gateway | 'busy' | null> {
    const known = this.byId.get(id);
    const remember = (digest: Buffer) => this.remember(id, known?.secret.stored ?? '', digest);
    const right = await this.parts.checker.check(id, secret, known?.secret, address, remember);
    // The gateway may have been removed or moved meanwhile; a moved one keeps its secret.
    const now = this.byId.get(id);
    if (right === true && now !== undefined && now.secret === known?.secret) {
      this.signIns += 1;
      return now.shown;
    }
    if (right === 'busy') this.signInBusy += 1;
    else this.signInRefusals += 1;
    return right === 'busy' ? 'busy' : null;
  }

  /** The next start then needs no scrypt; if the write fails, it runs scrypt again. */
  private remember(id: string, stored: string, digest: Buffer): void {
    const { state } = this.parts;
    const write = () =>
      state.db
        .prepare('UPDATE gateways SET secret_digest = ? WHERE id = ? AND secret_hash = ?')
        .run(digest, id, stored);
    state.commit(write).catch(() => undefined);
  }

  seen(id: string, now: number): void {
    const known = this.byId.get(id);
    if (known) known.shown.lastSeenAt = now;
  }

  setOnline(id: string, online: boolean, now: number): void {
    const known = this.byId.get(id);
    if (!known) return;
    known.shown.online = online;
    known.shown.lastSeenAt = now;
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
    requireRoom(this.parts, 'gateway_limit', this.byId.size);
    const now = clock();
    const { id, park, name } = input;
    const shown = { id, park, name, createdAt: now, secretRotatedAt: now, online: false, lastSeenAt: null };
    writeNow(state, (db) => {
      db.prepare('INSERT INTO gateways VALUES (?, ?, ?, ?, ?, ?, ?)').run(id, park, name, now, now, stored, digest);
      audit.insertChange(db, { who, action: 'gateway.create', target: id, detail: { park, name } });
    });
    this.byId.set(id, { shown, secret: { stored, digest } });
    return { gateway: shown, secret };
  }

  async rotate(id: string, who: string): Promise<GatewaySecret> {
    const { state, audit, clock } = this.parts;
    this.require(id);
    const secret = newSecret();
    const [stored, digest] = [await hashSecret(secret), digestSecret(secret)];
    const known = this.require(id);
    const now = clock();
    writeNow(state, (db) => {
      const update = 'UPDATE gateways SET secret_hash = ?, secret_digest = ?, secret_rotated_at = ? WHERE id = ?';
      db.prepare(update).run(stored, digest, now, id);
      audit.insertChange(db, { who, action: 'gateway.rotate_secret', target: id });
    });
    known.secret.stored = stored;
    known.secret.digest = digest;
    known.shown.secretRotatedAt = now;
    this.revoked(id);
    return { gateway: known.shown, secret };
  }

  remove(id: string, who: string): void {
    const { state, audit } = this.parts;
    const { park, name } = this.require(id).shown;
    writeNow(state, (db) => {
      db.prepare('DELETE FROM gateways WHERE id = ?').run(id);
      db.prepare('UPDATE devices SET gateway = NULL WHERE gateway = ?').run(id);
      audit.insertChange(db, { who, action: 'gateway.remove', target: id, detail: { park, name } });
    });
    this.byId.delete(id);
    this.revoked(id, park);
  }

  /** Writes a move to `park` within the caller's transaction; the gateway's devices then have no gateway. */
  writeMove(db: Database, id: string, park: string, who: string, detail: Readonly<Record<string, unknown>>): void {
    const from = this.require(id).shown.park;
    db.prepare('UPDATE gateways SET park = ? WHERE id = ?').run(park, id);
    db.prepare('UPDATE devices SET gateway = NULL WHERE gateway = ?').run(id);
    const moved = { from, to: park, ...detail };
    this.parts.audit.insertChange(db, { who, action: 'gateway.move', target: id, detail: moved });
  }

  /** Moves the gateway in memory after the caller's write; its connections end. */
  moved(id: string, park: string): Gateway {
    const known = this.require(id);
    const from = known.shown.park;
    // A copy: a caller may still hold the object from before.
    const shown = { ...known.shown, park, online: false };
    this.byId.set(id, { ...known, shown });
    this.revoked(id, from);
    return shown;
  }

  /** @throws RegistryError for an unknown gateway or park */
  requireToMove(id: string, park: string): Gateway {
    const { shown } = this.require(id);
    this.parts.parks.require(park);
    if (shown.park === park) {
      throw new RegistryError('invalid', 'same_park', `gateway ${id} is in park ${park} already`, 'park');
    }
    return shown;
  }

  private require(id: string): KnownGateway {
    const known = this.byId.get(id);
    if (!known) throw new RegistryError('missing', 'unknown_gateway', `there is no gateway ${id}`);
    return known;
  }

  private refuseDuplicate(id: string): void {
    if (this.byId.has(id)) throw new RegistryError('conflict', 'gateway_exists', `there is a gateway ${id} already`);
  }

  private revoked(id: string, removedFrom?: string): void {
    for (const listener of this.revokedListeners) listener(id, removedFrom);
  }
}
