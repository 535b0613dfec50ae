import type { AlarmDomain } from '../../model/rule/rule.js';
import type { Series } from './series.js';
import type { Watch, WatchSubject } from './watch.js';

/** The device's entry in the registry, as far as alarms depend on it. */
interface SubjectFacts {
  readonly limitProfile: string | null;
  readonly expectedIntervalS: number | null;
  readonly place: string | null;
  readonly enterprise: string | null;
  readonly retiredAt?: number | null;
}

const NOTHING_KNOWN: SubjectFacts = { limitProfile: null, expectedIntervalS: null, place: null, enterprise: null };

/** The subject of alarms: a device that has reported, a gateway, a place, or a part of the service. */
export class Subject implements SubjectFacts, WatchSubject {
  /** By metric; empty for places. */
  readonly series = new Map<string, Series>();
  /** By rule, for a place: its readings come from devices. */
  readonly byRule = new Map<string, Watch>();
  limitProfile: string | null = null;
  expectedIntervalS: number | null = null;
  place: string | null = null;
  enterprise: string | null = null;
  /** Revision of the registry at the last lookup; NaN: look it up again. */
  revision = Number.NaN;
  /** Retired: no rule applies. */
  retired = false;

  /** @param key unique in the service: the device key; the id for other subjects */
  constructor(
    readonly id: string,
    readonly park: string | null,
    readonly domain: AlarmDomain,
    readonly key: string = id,
    readonly name: string = id,
  ) {}

  /** Takes over the registry's entry and the limit profile in force; returns true when something changed. */
  learn(facts: SubjectFacts | undefined, limitProfile: string | null = facts?.limitProfile ?? null): boolean {
    const { expectedIntervalS, place, enterprise, retiredAt = null } = facts ?? NOTHING_KNOWN;
    const retired = retiredAt !== null;
    if (
      retired === this.retired &&
      limitProfile === this.limitProfile &&
      expectedIntervalS === this.expectedIntervalS &&
      place === this.place &&
      enterprise === this.enterprise
    ) {
      return false;
    }
    this.retired = retired;
    this.limitProfile = limitProfile;
    this.expectedIntervalS = expectedIntervalS;
    this.place = place;
    this.enterprise = enterprise;
    return true;
  }
}
