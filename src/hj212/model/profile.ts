import type { FieldError } from '../../model/field-error.js';
import { isId } from '../../model/ids.js';
import { TimeZone } from '../../model/time/zone.js';
import type { Dialect } from '../../model/wire/hj212/dialect.js';
import { type ChannelSetting, currentCode, factorOf } from '../../model/wire/hj212/factors.js';

/** How a logger computes the mass of an interval: summed over its slices, or mean concentration × volume. */
export const MASS_METHODS = ['summed', 'mean_times_volume'] as const;

/** What is known of one channel of a logger. */
export interface LoggerChannel extends ChannelSetting {
  readonly massMethod?: (typeof MASS_METHODS)[number] | undefined;
}

/** The time in which a key is valid, `from <= t < to`, epoch ms; `to` null: until another is given. */
export interface KeyValidity {
  readonly from: number;
  readonly to: number | null;
}

/** A logger without its secrets. */
export interface LoggerProfile extends Dialect {
  /** As the platform gave it: letters, digits and `_`, 8 to 24. Case counts. */
  readonly mn: string;
  readonly park: string;
  /** The device of its outlet. */
  readonly device: string;
  /** IANA name of the zone of its clock. */
  readonly zone: string;
  /** By 2017 code of the factor. */
  readonly channels: Readonly<Record<string, LoggerChannel>>;
  /** Of HJ 212-2025; a logger without keys is normal. */
  readonly keys: readonly KeyValidity[];
  readonly hasPassword: boolean;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly changedAt: number;
}

/** A key of SM4, with its validity. */
export interface LoggerKey extends KeyValidity {
  /** 32 hexadecimal digits. */
  readonly key: string;
}

/** Secrets that are left out stay as they are; null takes the password away. */
export interface LoggerInput extends Omit<LoggerProfile, 'keys' | 'hasPassword' | 'createdAt' | 'changedAt'> {
  readonly password?: string | null | undefined;
  readonly keys?: readonly LoggerKey[] | undefined;
}

export const isMn = (text: string): boolean => /^[A-Za-z0-9_]{8,24}$/.test(text);
export const MN_RULE = 'letters, digits and _, 8 to 24';

export const MAX_CHANNELS = 100;
export const MAX_KEYS = 20;

/** All faults of a profile, by path; empty when it is right. */
export function profileFaults(input: LoggerInput): readonly FieldError[] {
  const faults: FieldError[] = [];
  const expect = (holds: boolean, field: string, expected: string) => {
    if (!holds) faults.push({ field, expected });
  };
  const { mn, device, zone, channels, password, keys = [] } = input;
  expect(isMn(mn), 'mn', MN_RULE);
  expect(isId(device), 'device', 'the id of a device');
  expect(isZone(zone), 'zone', 'an IANA time zone');
  expect(
    password === undefined || password === null || /^[0-9A-Za-z]{1,16}$/.test(password),
    'password',
    'letters and digits, at most 16',
  );
  expect(Object.keys(channels).length <= MAX_CHANNELS, 'channels', `at most ${MAX_CHANNELS}`);
  for (const [code, channel] of Object.entries(channels)) {
    expect(
      /^\w{2,16}$/.test(code) && currentCode(code, true) === code,
      `channels.${code}`,
      'a factor code of HJ 212-2017',
    );
    const known = channel.ignored === true || factorOf(code, channel) !== null;
    expect(known, `channels.${code}`, 'a factor with a metric, in a unit that fits it, or `ignored`');
  }
  expect(keys.length <= MAX_KEYS, 'keys', `at most ${MAX_KEYS}`);
  keys.forEach(({ key, from, to }, index) => {
    expect(/^[0-9a-fA-F]{32}$/.test(key), `keys.${index}.key`, '32 hexadecimal digits');
    expect(to === null || from < to, `keys.${index}.to`, 'a time after `from`');
  });
  return faults;
}

function isZone(name: string): boolean {
  try {
    new TimeZone(name);
    return true;
  } catch {
    return false;
  }
}
