import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { TokenInput } from '../../../src/registry/port.js';
import { openTestRegistry, PARK, START } from './helpers.js';

const VIEWER: TokenInput = { name: 'board', role: 'viewer', parks: [], districts: [], expiresAt: null };
const ADMIN: TokenInput = { ...VIEWER, name: 'second', role: 'admin' };
const ENVIRONMENT = 'correct horse battery staple';

describe('tokens', () => {
  it('signs in with the whole token and nothing else, with its role and scope', () => {
    const { registry } = openTestRegistry();
    const input: TokenInput = { ...VIEWER, role: 'inspector', districts: ['ouhai'] };
    const { token, secret } = registry.createToken(input, 'test');
    expect(secret).toMatch(/^pk_[0-9a-f]{16}_[\w-]{43}$/);
    expect(registry.authenticate(secret)).toEqual({
      id: token.id,
      name: 'board',
      role: 'inspector',
      parks: [],
      districts: ['ouhai'],
    });
    const other = registry.createToken(VIEWER, 'test');
    const mixed = other.secret.replace(/[\w-]{43}$/, secret.slice(-43));
    for (const wrong of ['', secret.slice(0, -1), `${secret}x`, mixed, `pk_${token.id}_`, 'pk_', 'x'.repeat(100_000)]) {
      expect(registry.check(wrong)).toBe('unknown');
      expect(registry.authenticate(wrong)).toBeNull();
    }
  });

  it('refuses an expired token from the very millisecond on, and says so only to its holder', () => {
    const { registry, clock } = openTestRegistry();
    const { token, secret } = registry.createToken({ ...VIEWER, expiresAt: START + 1_000 }, 'test');
    clock.now = START + 999;
    expect(registry.check(secret)).toMatchObject({ id: token.id });
    clock.now = START + 1_000;
    expect(registry.check(secret)).toBe('expired');
    expect(registry.check(`pk_${token.id}_${'x'.repeat(43)}`)).toBe('unknown');
  });

  it('ends a token when it is revoked, for good, and says so', () => {
    const test = openTestRegistry();
    const revoked: string[] = [];
    test.registry.onTokenRevoked((token) => revoked.push(token));
    const { token, secret } = test.registry.createToken(VIEWER, 'test');
    test.registry.revokeToken(token.id, 'test');
    expect(revoked).toEqual([token.id]);
    expect(test.registry.check(secret)).toBe('unknown');
    expect(test.registry.tokens()).not.toContainEqual(expect.objectContaining({ id: token.id }));
    expect(test.restart().registry.check(secret)).toBe('unknown');
  });

  it('keeps tokens over a restart, hashed, and never shows a secret again', () => {
    const test = openTestRegistry({ adminToken: ENVIRONMENT });
    const { secret } = test.registry.createToken(VIEWER, 'test');
    const shown = JSON.stringify([test.registry.tokens(), test.registry.audit.list({}, { limit: 100 })]);
    test.registry.close();
    const bytes = [test.path, `${test.path}-wal`].map((path) => readFileSync(path).toString('latin1')).join('');
    for (const one of [secret, secret.slice(-43), ENVIRONMENT]) {
      expect(shown).not.toContain(one);
      expect(bytes).not.toContain(one);
    }
    const { registry } = test.restart();
    expect(registry.check(secret)).toMatchObject({ role: 'viewer' });
    expect(registry.check(ENVIRONMENT)).toMatchObject({ role: 'admin' });
  });

  it.each<[string, Partial<TokenInput>, string, string]>([
    ['a park that does not exist', { parks: [PARK, 'nowhere'] }, 'unknown_park', 'parks'],
    ['a district that does not exist', { districts: ['yongjia'] }, 'unknown_district', 'districts'],
    ['a scope for an admin', { role: 'admin', parks: [PARK] }, 'admin_scope', 'parks'],
    ['an end in the past', { expiresAt: START }, 'expired', 'expiresAt'],
  ])('makes no token with %s', (_what, change, code, field) => {
    const { registry } = openTestRegistry();
    expect(() => registry.createToken({ ...VIEWER, ...change }, 'test')).toThrow(
      expect.objectContaining({ kind: 'invalid', code, field }),
    );
  });

  it('makes no more tokens than its bound', () => {
    const { registry } = openTestRegistry({ limits: { tokens: 2 } });
    registry.createToken(VIEWER, 'test');
    expect(() => registry.createToken(VIEWER, 'test')).toThrow(
      expect.objectContaining({ kind: 'conflict', code: 'token_limit' }),
    );
  });
});

describe('the first administrator', () => {
  it('gets a token at the first start, told once', () => {
    const test = openTestRegistry();
    const token = test.registry.firstAdminToken;
    expect(test.registry.check(token ?? '')).toMatchObject({ role: 'admin', parks: [], districts: [] });
    const { registry } = test.restart();
    expect(registry.firstAdminToken).toBeNull();
    expect(registry.check(token ?? '')).toMatchObject({ role: 'admin' });
  });

  it('has the token of the environment where one is given, and no other is made', () => {
    const { registry } = openTestRegistry({ adminToken: ENVIRONMENT });
    expect(registry.firstAdminToken).toBeNull();
    expect(registry.check(ENVIRONMENT)).toMatchObject({ role: 'admin' });
    expect(registry.tokens()).toHaveLength(1);
  });

  it('takes an environment token that looks like one of ours', () => {
    const looksLike = `pk_0123456789abcdef_${'x'.repeat(43)}`;
    expect(openTestRegistry({ adminToken: looksLike }).registry.check(looksLike)).toMatchObject({ role: 'admin' });
  });

  it('has the environment token replaced by another one, leaving the rest', () => {
    const test = openTestRegistry({ adminToken: ENVIRONMENT });
    const viewer = test.registry.createToken(VIEWER, 'test').secret;
    const { registry } = test.restart({ adminToken: 'another token of 24 characters' });
    expect(registry.check(ENVIRONMENT)).toBe('unknown');
    expect(registry.check('another token of 24 characters')).toMatchObject({ role: 'admin' });
    expect(registry.check(viewer)).toMatchObject({ role: 'viewer' });
  });

  it('keeps one token for the same text given at each start', () => {
    const test = openTestRegistry({ adminToken: ENVIRONMENT });
    const [before] = test.registry.tokens();
    expect(test.restart({ adminToken: ENVIRONMENT }).registry.tokens()).toEqual([before]);
  });

  it('may return to an earlier text', () => {
    const first = openTestRegistry({ adminToken: ENVIRONMENT });
    const second = first.restart({ adminToken: 'another token of 24 characters' });
    const { registry } = second.restart({ adminToken: ENVIRONMENT });
    expect(registry.check(ENVIRONMENT)).toMatchObject({ role: 'admin' });
    expect(registry.check('another token of 24 characters')).toBe('unknown');
  });

  it('stays revoked although the environment still gives it, where another administrator stands', () => {
    const test = openTestRegistry({ adminToken: ENVIRONMENT });
    const [given] = test.registry.tokens();
    test.registry.createToken(ADMIN, 'test');
    test.registry.revokeToken(given?.id ?? '', 'test');
    const { registry } = test.restart({ adminToken: ENVIRONMENT });
    expect(registry.check(ENVIRONMENT)).toBe('unknown');
    expect(registry.firstAdminToken).toBeNull();
  });

  it('cannot lose the last admin token that lasts; one that expires does not count', () => {
    const { registry } = openTestRegistry();
    const [first] = registry.tokens();
    const expiring = registry.createToken({ ...ADMIN, expiresAt: START + 1_000 }, 'test').token;
    expect(() => registry.revokeToken(first?.id ?? '', 'test')).toThrow(
      expect.objectContaining({ kind: 'conflict', code: 'last_admin_token' }),
    );
    registry.revokeToken(expiring.id, 'test');
    registry.createToken(ADMIN, 'test');
    registry.revokeToken(first?.id ?? '', 'test');
    expect(registry.tokens().filter((token) => token.role === 'admin')).toHaveLength(1);
  });
});
