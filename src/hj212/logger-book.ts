import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Audit } from '../registry/audit/port.js';
import { type Registry, RegistryError } from '../registry/port.js';
import { type State, writeNow } from '../state/port.js';
import { type LoggerInput, type LoggerKey, type LoggerProfile, profileFaults } from './model/profile.js';
import type { Loggers } from './port.js';

interface LoggerParts {
  readonly state: State;
  readonly registry: Pick<Registry, 'park'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly clock: () => number;
  readonly maxLoggers?: number;
}

interface Row {
  readonly mn: string;
  readonly park: string;
  readonly device: string;
  readonly settings: string;
  readonly password: Buffer | null;
  readonly keys: string;
  readonly createdAt: number;
  readonly changedAt: number;
}

/** `profile` leaves the book and so contains no secret. */
interface KnownLogger {
  readonly profile: LoggerProfile;
  readonly password: Buffer | null;
  readonly keys: readonly LoggerKey[];
}

const MAX_LOGGERS = 10_000;
const SALT_BYTES = 16;
/** What an unknown MN is compared with, so that it takes as long as a known one. */
const NOBODY = digestOf(randomBytes(8).toString('hex'));
const SELECT = `SELECT mn, park, device, settings, password, keys, created_at AS createdAt, changed_at AS changedAt
  FROM hj212_loggers`;

/** The loggers, in memory and in the state file. */
export function openLoggers({ state, registry, audit, clock, maxLoggers = MAX_LOGGERS }: LoggerParts): Loggers {
  const byMn = new Map<string, KnownLogger>();
  for (const row of state.db.prepare<[], Row>(SELECT).all()) byMn.set(row.mn, fromRow(row));
  const upsert = state.db.prepare(
    `INSERT INTO hj212_loggers VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (mn) DO UPDATE SET device = excluded.device,
       settings = excluded.settings, password = excluded.password, keys = excluded.keys, changed_at = excluded.changed_at`,
  );

  const refuse = (input: LoggerInput, known: KnownLogger | undefined) => {
    const [fault] = profileFaults(input);
    if (fault)
      throw new RegistryError('invalid', 'invalid_logger', `${fault.field}: expected ${fault.expected}`, fault.field);
    if (registry.park(input.park) === undefined) {
      throw new RegistryError('invalid', 'unknown_park', `there is no park ${input.park}`, 'park');
    }
    if (known !== undefined && known.profile.park !== input.park) {
      throw new RegistryError('conflict', 'logger_in_other_park', `logger ${input.mn} belongs to another park`, 'park');
    }
    if (known === undefined && byMn.size >= maxLoggers) {
      throw new RegistryError('conflict', 'logger_limit', `the service takes no more than ${maxLoggers} loggers`);
    }
  };

  return {
    list: () => Array.from(byMn.values(), ({ profile }) => profile).sort((a, b) => (a.mn < b.mn ? -1 : 1)),
    get: (mn) => byMn.get(mn)?.profile,
    put(input, who) {
      const known = byMn.get(input.mn);
      refuse(input, known);
      const now = clock();
      const next = loggerOf(input, known, now);
      const { profile } = next;
      writeNow(state, () => {
        upsert.run(...rowOf(next));
        const action = known ? 'logger.update' : 'logger.create';
        const { createdAt: _, changedAt: _at, ...detail } = profile;
        const secrets = { newPassword: input.password !== undefined, newKeys: input.keys !== undefined };
        audit.record({ who, action, target: input.mn, outcome: 'done', detail: { ...detail, ...secrets } });
      });
      byMn.set(input.mn, next);
      return { logger: profile, created: known === undefined };
    },
    remove(mn, who) {
      const known = byMn.get(mn);
      if (known === undefined) throw new RegistryError('missing', 'unknown_logger', `there is no logger ${mn}`);
      const { park, device } = known.profile;
      writeNow(state, (db) => {
        db.prepare('DELETE FROM hj212_loggers WHERE mn = ?').run(mn);
        audit.record({ who, action: 'logger.remove', target: mn, outcome: 'done', detail: { park, device } });
      });
      byMn.delete(mn);
    },
    isPassword(mn, password) {
      const known = byMn.get(mn);
      const digest = known?.password ?? NOBODY;
      const same = timingSafeEqual(digestOf(password, digest.subarray(0, SALT_BYTES)), digest);
      return known !== undefined && (known.password === null || same);
    },
    keysAt(mn, at) {
      const valid = (byMn.get(mn)?.keys ?? []).filter(({ from, to }) => from <= at && (to === null || at < to));
      return valid.sort((a, b) => b.from - a.from).map(({ key }) => Buffer.from(key, 'hex'));
    },
  };
}

function loggerOf(input: LoggerInput, known: KnownLogger | undefined, now: number): KnownLogger {
  const { password: given, keys: givenKeys, mn, park, device, edition, strict, zone, channels } = input;
  const keys = givenKeys ?? known?.keys ?? [];
  const password = given === undefined ? (known?.password ?? null) : given === null ? null : digestOf(given);
  const profile = {
    ...{ mn, park, device, edition, strict, zone, channels },
    keys: keys.map(({ from, to }) => ({ from, to })),
    hasPassword: password !== null,
    createdAt: known?.profile.createdAt ?? now,
    changedAt: now,
  };
  return { profile, password, keys };
}

function rowOf({ profile, password, keys }: KnownLogger) {
  const { mn, park, device, edition, strict, zone, channels, createdAt, changedAt } = profile;
  const settings = JSON.stringify({ edition, strict, zone, channels });
  return [mn, park, device, settings, password, JSON.stringify(keys), createdAt, changedAt] as const;
}

function fromRow({ mn, park, device, settings, password, keys: keysText, createdAt, changedAt }: Row): KnownLogger {
  const keys = JSON.parse(keysText) as readonly LoggerKey[];
  const { edition, strict, zone, channels } = JSON.parse(settings) as LoggerProfile;
  const shown = { mn, park, device, edition, strict, zone, channels, createdAt, changedAt };
  const validity = keys.map(({ from, to }) => ({ from, to }));
  return { profile: { ...shown, keys: validity, hasPassword: password !== null }, password, keys };
}

/** Salt and HMAC. A slow hash would help little: six characters that every packet carries in clear. */
function digestOf(password: string, salt: Buffer = randomBytes(SALT_BYTES)): Buffer {
  return Buffer.concat([salt, createHmac('sha256', salt).update(password).digest()]);
}
