import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deviceKey } from '../../../src/model/ids.js';
import type { CheckQueueBounds } from '../../../src/registry/sign-in/check-queue.js';
import { hashSecret } from '../../../src/registry/sign-in/secrets.js';
import { cpuMs } from '../../helpers/cpu-time.js';
import { committed, OTHER_PARK, openTestRegistry, PARK, START, type TestRegistry } from './helpers.js';

const GATEWAY = { id: 'gw-1', park: PARK, name: 'North gate' };

describe('gateway sign-in', () => {
  it('signs a gateway in with its own secret and with no other', async () => {
    const { registry } = openTestRegistry();
    const one = await registry.createGateway(GATEWAY, 'test');
    const two = await registry.createGateway({ id: 'gw-2', park: OTHER_PARK, name: 'x' }, 'test');
    expect(await registry.signIn('gw-1', one.secret)).toMatchObject({ id: 'gw-1', park: PARK });
    expect(await registry.signIn('gw-1', two.secret)).toBeNull();
    expect(await registry.signIn('gw-1', '')).toBeNull();
    expect(await registry.signIn('gw-1', `${one.secret}x`)).toBeNull();
    expect(await registry.signIn('gw-1', 'x'.repeat(1_000_000))).toBeNull();
    expect(await registry.signIn('no-such', one.secret)).toBeNull();
    expect(registry.stats).toMatchObject({ signIns: 1, signInRefusals: 5 });
  });

  it('knows the secret after a restart', async () => {
    const test = openTestRegistry();
    const { secret } = await test.registry.createGateway(GATEWAY, 'test');
    const { registry } = test.restart();
    expect(await registry.signIn('gw-1', secret)).toMatchObject({ id: 'gw-1' });
    expect(await registry.signIn('gw-1', 'wrong')).toBeNull();
  });

  it('makes secrets of 256 bits and keeps them out of what it shows and of the file', async () => {
    const test = openTestRegistry();
    const { gateway, secret } = await test.registry.createGateway(GATEWAY, 'test');
    await test.registry.signIn('gw-1', secret);
    const rotated = await test.registry.rotateGatewaySecret('gw-1', 'test');
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    const shown = JSON.stringify([
      gateway,
      test.registry.gateways(),
      test.registry.gateway('gw-1'),
      test.registry.audit.list({}, { limit: 100 }),
    ]);
    for (const one of [secret, rotated.secret]) expect(shown).not.toContain(one);
    expect(shown).not.toContain('scrypt');
    test.registry.close();
    const bytes = [test.path, `${test.path}-wal`].map((path) => readFileSync(path).toString('latin1')).join('');
    expect(bytes).toContain('$scrypt$ln=14,r=8,p=1$');
    for (const one of [secret, rotated.secret]) expect(bytes).not.toContain(one);
  });

  it('ends the old secret with a new one, also for who was signed in with it, and says so', async () => {
    const { registry } = openTestRegistry();
    const revoked: string[] = [];
    registry.onRevoked((gateway) => revoked.push(gateway));
    const old = await registry.createGateway(GATEWAY, 'test');
    await registry.signIn('gw-1', old.secret);
    const fresh = await registry.rotateGatewaySecret('gw-1', 'test');
    expect(revoked).toEqual(['gw-1']);
    expect(await registry.signIn('gw-1', old.secret)).toBeNull();
    expect(await registry.signIn('gw-1', fresh.secret)).toMatchObject({ id: 'gw-1' });
  });

  it('signs nobody in with a secret that changes, or a gateway that goes, while it is checked', async () => {
    const { registry } = openTestRegistry();
    const { secret } = await registry.createGateway(GATEWAY, 'test');
    const rotating = registry.rotateGatewaySecret('gw-1', 'test');
    const checks = [registry.signIn('gw-1', secret), registry.signIn('gw-1', secret), registry.signIn('gw-1', secret)];
    const { secret: fresh } = await rotating;
    const late = registry.signIn('gw-1', fresh);
    registry.removeGateway('gw-1', 'test');
    expect(await late).toBeNull();
    await Promise.all(checks);
    expect(await registry.signIn('gw-1', secret)).toBeNull();
  });

  it('removes a gateway: no sign-in, its devices stay without it, and its name may be used again', async () => {
    const test = openTestRegistry();
    const revoked: string[] = [];
    test.registry.onRevoked((gateway) => revoked.push(gateway));
    const { secret } = await test.registry.createGateway(GATEWAY, 'test');
    test.registry.admit(deviceKey(PARK, 'ph-1'), 'wastewater', 'gw-1', START);
    await test.state.commit(() => undefined);
    test.registry.removeGateway('gw-1', 'test');
    expect(revoked).toEqual(['gw-1']);
    expect(await test.registry.signIn('gw-1', secret)).toBeNull();
    expect(test.registry.device(deviceKey(PARK, 'ph-1'))).toMatchObject({ gateway: null });
    const { registry } = test.restart();
    expect(registry.gateways()).toEqual([]);
    expect(registry.device(deviceKey(PARK, 'ph-1'))).toMatchObject({ gateway: null });
    await registry.createGateway({ ...GATEWAY, park: OTHER_PARK }, 'test');
    expect(await registry.signIn('gw-1', secret)).toBeNull();
  });

  it('checks later sign-ins without the slow hash: a thousand reconnects take less than three first ones', async () => {
    const { registry } = openTestRegistry();
    const { secret } = await registry.createGateway(GATEWAY, 'test');
    const timed = (times: number, work: () => Promise<unknown>) =>
      cpuMs(async () => {
        for (let n = 0; n < times; n += 1) await work();
      });
    const slow = await timed(3, () => hashSecret(secret));
    expect(await timed(1_000, () => registry.signIn('gw-1', secret))).toBeLessThan(slow);
    expect(await timed(1_000, () => registry.signIn('gw-1', 'wrong'))).toBeLessThan(slow);
  });

  it('takes as long over an id that does not exist as over a wrong secret', async () => {
    const { registry } = openTestRegistry();
    const { secret } = await registry.createGateway(GATEWAY, 'test');
    await registry.signIn('gw-1', secret);
    const times: Record<string, number[]> = { 'gw-1': [], 'no-such': [] };
    for (let n = 0; n < 9; n += 1) {
      for (const [id, list] of Object.entries(times)) list.push(await cpuMs(() => registry.signIn(id, 'wrong')));
    }
    const [known, unknown] = Object.values(times).map((list) => list.sort((a, b) => a - b)[4]!) as [number, number];
    expect(unknown / known).toBeGreaterThan(0.4);
    expect(unknown / known).toBeLessThan(2.5);
  });

  it('knows at once after a restart whether a secret is right, so that a thousand gateways can be back together', async () => {
    const test = openTestRegistry({ signInBounds: { running: 0, waiting: 0 } });
    const { secret } = await test.registry.createGateway(GATEWAY, 'test');
    // The registry begins no slow check.
    const { registry } = test.restart();
    const all = await Promise.all(Array.from({ length: 1_000 }, () => registry.signIn('gw-1', secret)));
    expect(all.every((one) => one !== 'busy' && one?.id === 'gw-1')).toBe(true);
    expect(registry.stats).toMatchObject({ signIns: 1_000, signInBusy: 0 });
  });

  it('is not kept from a gateway by any flood of wrong secrets for its id', async () => {
    const { registry } = openTestRegistry();
    const { secret } = await registry.createGateway(GATEWAY, 'test');
    const hostile = Array.from({ length: 5_000 }, (_, n) => registry.signIn('gw-1', `wrong-${n}`, '198.51.100.7'));
    expect(await registry.signIn('gw-1', secret, '192.0.2.1')).toMatchObject({ id: 'gw-1' });
    expect(new Set(await Promise.all(hostile))).toEqual(new Set([null]));
  });

  describe('of a gateway whose file is older than fast hashes', () => {
    async function older(bounds: Partial<CheckQueueBounds> = {}) {
      const test = openTestRegistry({ signInBounds: bounds });
      const { secret } = await test.registry.createGateway(GATEWAY, 'test');
      test.state.db.exec('UPDATE gateways SET secret_digest = NULL');
      return { ...test.restart(), secret };
    }
    const digest = ({ state }: TestRegistry) =>
      state.db.prepare('SELECT secret_digest FROM gateways').pluck().get() as Buffer | null;

    it('remembers what was verified, in the file as well, and never by a wrong secret', async () => {
      const test = await older();
      expect(await test.registry.signIn('gw-1', 'wrong')).toBeNull();
      await committed(test);
      expect(digest(test)).toBeNull();
      expect(await test.registry.signIn('gw-1', test.secret)).toMatchObject({ id: 'gw-1' });
      await committed(test);
      expect(digest(test)).toHaveLength(48);
      const { registry } = test.restart({ signInBounds: { running: 0, waiting: 0 } });
      expect(await registry.signIn('gw-1', test.secret)).toMatchObject({ id: 'gw-1' });
    });

    it('signs it in while the disk is full, and remembers that for this run', async () => {
      const test = await older();
      test.state.db.pragma('query_only = ON');
      expect(await test.registry.signIn('gw-1', test.secret)).toMatchObject({ id: 'gw-1' });
      await committed(test);
      expect(await test.registry.signIn('gw-1', test.secret)).toMatchObject({ id: 'gw-1' });
      test.state.db.pragma('query_only = OFF');
    });

    it('keeps the place of who asks the same again, and checks it once', async () => {
      const { registry, secret } = await older({ running: 1, waiting: 2, waitingPerKey: 2 });
      const ask = (id: string, given: string) => registry.signIn(id, given, '192.0.2.1');
      const first = ask('gw-1', 'wrong');
      // Two places; a repeated check takes none.
      const again = [ask('gw-1', secret), ask('gw-1', secret), ask('gw-1', secret)];
      const other = ask('gw-1', 'wrong too');
      expect(await first).toBeNull();
      for (const one of await Promise.all(again)) expect(one).toMatchObject({ id: 'gw-1' });
      expect(await other).toBeNull();
      expect(registry.stats).toMatchObject({ signInBusy: 0, signIns: 3 });
    });

    it('tells who waits long to come later, never that its secret is wrong, and knows it at once when it does', async () => {
      const test = await older({ running: 1, patienceMs: 0 });
      const answers = [];
      do answers.push(await test.registry.signIn('gw-1', test.secret));
      while (answers.at(-1) === 'busy');
      expect(answers.at(-1)).toMatchObject({ id: 'gw-1' });
      expect(answers[0]).toBe('busy');
      await committed(test);
      // One check was enough.
      expect(digest(test)).toHaveLength(48);
      expect(test.registry.stats).toMatchObject({ signInBusy: answers.length - 1, signInRefusals: 0 });
    });

    it('signs gateways in that it remembers before those whose secrets have to be verified', async () => {
      const test = await older({ running: 1 });
      const known = await test.registry.createGateway({ id: 'gw-2', park: PARK, name: 'x' }, 'test');
      const order: string[] = [];
      const signIn = async (id: string, secret: string) => {
        expect(await test.registry.signIn(id, secret, '192.0.2.1')).toMatchObject({ id });
        order.push(id);
      };
      await Promise.all([signIn('gw-1', test.secret), signIn('gw-2', known.secret)]);
      expect(order).toEqual(['gw-2', 'gw-1']);
    });

    it('signs a gateway in among wrong secrets for every id from its own address, and tells it nothing else', async () => {
      const { registry, secret } = await older({ running: 1, waiting: 40, waitingPerKey: 8 });
      const hostile = Array.from({ length: 60 }, (_, n) => registry.signIn('gw-1', `wrong-${n}`, '198.51.100.7'));
      const answers = [];
      while (answers.at(-1) === undefined || answers.at(-1) === 'busy') {
        answers.push(await registry.signIn('gw-1', secret, '198.51.100.7'));
        await Promise.race(hostile);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(answers.at(-1)).toMatchObject({ id: 'gw-1' });
      expect(new Set(await Promise.all(hostile))).toEqual(new Set([null, 'busy']));
    });

    it('tells who cannot be checked now to come later, and gives every address its turn', async () => {
      const { registry, secret } = await older({ running: 1, waiting: 4, waitingPerKey: 2 });
      const hostile = Array.from({ length: 20 }, () => registry.signIn('gw-1', 'wrong', '198.51.100.7'));
      expect(await registry.signIn('gw-1', secret, '192.0.2.1')).toMatchObject({ id: 'gw-1' });
      const answers = await Promise.all(hostile);
      expect(answers.filter((one) => one === 'busy')).toHaveLength(17);
      expect(answers.filter((one) => one === null)).toHaveLength(3);
      expect(registry.stats).toMatchObject({ signInBusy: 17, signInRefusals: 3, signIns: 1 });
    });
  });

  it('keeps presence in memory: offline and unseen after a start', async () => {
    const test = openTestRegistry();
    await test.registry.createGateway(GATEWAY, 'test');
    test.registry.setOnline('gw-1', true, START + 5);
    test.registry.seen('gw-1', START + 9);
    test.registry.setOnline('no-such', true, START);
    expect(test.registry.gateway('gw-1')).toMatchObject({ online: true, lastSeenAt: START + 9 });
    expect(test.registry.stats).toMatchObject({ gateways: 1, gatewaysOnline: 1 });
    expect(test.restart().registry.gateway('gw-1')).toMatchObject({ online: false, lastSeenAt: null });
  });
});
