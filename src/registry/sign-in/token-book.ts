import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Principal } from '../../model/access.js';
import { writeNow } from '../../state/port.js';
import { type RegistryParts, requireRoom } from '../parts.js';
import { RegistryError, type Token, type TokenInput, type TokenRefusal } from '../port.js';
import { newSecret, sha256 } from './secrets.js';

/** Parks and districts are JSON lists. */
type StoredToken = Omit<Token, 'parks' | 'districts'> & Readonly<Record<'parks' | 'districts', string>>;

const SELECT = `SELECT id, name, role, parks, districts, created_at AS createdAt, expires_at AS expiresAt, origin, hash
  FROM tokens WHERE revoked_at IS NULL`;

interface KnownToken {
  readonly shown: Token;
  readonly principal: Principal;
  readonly hash: Buffer;
}

const NO_HASH = Buffer.alloc(32);

/** Tokens that are not revoked: `pk_{id}_{secret}`, and the administrator's from the environment in any form. */
export class TokenBook {
  private readonly byId = new Map<string, KnownToken>();
  private environment: KnownToken | null = null;
  private readonly revokedListeners: ((token: string) => void)[] = [];

  constructor(private readonly parts: RegistryParts) {
    const rows = parts.state.db.prepare<[], StoredToken & { readonly hash: Buffer }>(SELECT).all();
    for (const { hash, ...row } of rows) {
      const [parks, districts] = [row.parks, row.districts].map((ids) => JSON.parse(ids) as string[]);
      this.keep({ ...row, parks: parks!, districts: districts! }, hash);
    }
  }

  get size(): number {
    return this.byId.size;
  }

  get(id: string): Token | undefined {
    return this.byId.get(id)?.shown;
  }

  list(): readonly Token[] {
    return [...this.byId.values()].map(({ shown }) => shown).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Hashes and compares any text sent, so that the time reveals nothing. */
  check(token: string): Principal | TokenRefusal {
    const known = (token.startsWith('pk_') ? this.byId.get(token.slice(3, 19)) : undefined) ?? this.environment;
    const right = timingSafeEqual(sha256(token), known?.hash ?? NO_HASH);
    if (!right || !known) return 'unknown';
    const { expiresAt } = known.shown;
    return expiresAt !== null && this.parts.clock() >= expiresAt ? 'expired' : known.principal;
  }

  onRevoked(listener: (token: string) => void): void {
    this.revokedListeners.push(listener);
  }

  create(input: TokenInput, who: string): { readonly token: Token; readonly secret: string } {
    this.validate(input);
    const id = newTokenId();
    const secret = `pk_${id}_${newSecret()}`;
    const { name, role, expiresAt } = input;
    const [parks, districts, createdAt] = [[...input.parks], [...input.districts], this.parts.clock()];
    const token: Token = { id, name, role, parks, districts, createdAt, expiresAt, origin: 'api' };
    this.insert(token, sha256(secret), who);
    return { token, secret };
  }

  revoke(id: string, who: string): void {
    const known = this.byId.get(id);
    if (!known) throw new RegistryError('missing', 'unknown_token', `there is no token ${id}`);
    const otherAdmins = this.list().filter((one) => isLastingAdmin(one) && one.id !== id);
    if (isLastingAdmin(known.shown) && otherAdmins.length === 0) {
      const message = `token ${id} is the last admin token that does not expire; make another one first`;
      throw new RegistryError('conflict', 'last_admin_token', message);
    }
    this.drop(known, who, 'token.revoke');
  }

  /** Makes `secret` the administrator's token from the environment, in place of the previous one. */
  setEnvironmentToken(secret: string): void {
    const hash = sha256(secret);
    if (this.environment?.hash.equals(hash)) return;
    if (this.isRevokedByHand(hash) && this.list().some(isLastingAdmin)) return;
    const before = this.environment;
    this.insert(adminToken('environment', 'PARK_ADMIN_TOKEN', this.parts.clock()), hash, 'system');
    if (before) this.drop(before, 'system', 'token.replace');
  }

  /** The secret of a new administrator's token if none of that kind exists, else null. */
  makeFirstAdmin(): string | null {
    if (this.list().some(isLastingAdmin)) return null;
    const token = adminToken('first_start', 'first administrator', this.parts.clock());
    const secret = `pk_${token.id}_${newSecret()}`;
    this.insert(token, sha256(secret), 'system');
    return secret;
  }

  private validate({ role, parks, districts, expiresAt }: TokenInput): void {
    const { parks: book, clock } = this.parts;
    const invalid = (code: string, message: string, field: string) =>
      new RegistryError('invalid', code, message, field);
    for (const park of parks) book.require(park, 'parks');
    const unknown = districts.find((id) => !book.districts.some((district) => district.id === id));
    if (unknown !== undefined) throw invalid('unknown_district', `there is no district ${unknown}`, 'districts');
    if (role === 'admin' && parks.length + districts.length > 0) {
      throw invalid('admin_scope', 'an admin token has no scope: leave parks and districts empty', 'parks');
    }
    if (expiresAt !== null && expiresAt <= clock())
      throw invalid('expired', 'expiresAt must be in the future', 'expiresAt');
    requireRoom(this.parts, 'token_limit', this.byId.size);
  }

  private insert(token: Token, hash: Buffer, who: string): void {
    const { id, name, role, origin, createdAt, expiresAt } = token;
    const [parks, districts] = [JSON.stringify(token.parks), JSON.stringify(token.districts)];
    writeNow(this.parts.state, (db) => {
      db.prepare('INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)').run(
        ...[id, name, role, parks, districts, origin, hash, createdAt, expiresAt],
      );
      const detail = { name, role, parks: token.parks, districts: token.districts, origin, expiresAt };
      this.parts.audit.insertChange(db, { who, action: 'token.create', target: id, detail });
    });
    this.keep(token, hash);
  }

  private drop({ shown: { id, name, role } }: KnownToken, who: string, action: string): void {
    writeNow(this.parts.state, (db) => {
      const now = this.parts.clock();
      db.prepare('UPDATE tokens SET revoked_at = ?, revoked_by = ? WHERE id = ?').run(now, who, id);
      this.parts.audit.insertChange(db, { who, action, target: id, detail: { name, role } });
    });
    this.byId.delete(id);
    if (this.environment?.shown.id === id) this.environment = null;
    for (const listener of this.revokedListeners) listener(id);
  }

  /** A token that an administrator revoked stays revoked although the environment still has it. */
  private isRevokedByHand(hash: Buffer): boolean {
    const sql = `SELECT 1 FROM tokens WHERE origin = 'environment' AND hash = ? AND revoked_by <> 'system'`;
    return this.parts.state.db.prepare<[Buffer], number>(sql).pluck().get(hash) !== undefined;
  }

  private keep(shown: Token, hash: Buffer): void {
    const { id, name, role, parks, districts } = shown;
    const known = { shown, hash, principal: { id, name, role, parks, districts } };
    this.byId.set(id, known);
    if (shown.origin === 'environment') this.environment = known;
  }
}

function newTokenId(): string {
  return randomBytes(8).toString('hex');
}

function isLastingAdmin(token: Token): boolean {
  return token.role === 'admin' && token.expiresAt === null;
}

function adminToken(origin: Token['origin'], name: string, createdAt: number): Token {
  return { id: newTokenId(), name, role: 'admin', parks: [], districts: [], createdAt, expiresAt: null, origin };
}
