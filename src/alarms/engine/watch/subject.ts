import type { AlarmDomain } from '../../model/rule/rule.js';
import type { Series } from './series.js';
import type { Watch, WatchSubject } from './watch.js';

/** What the registry says of a device, as far as alarms depend on it. */
interface SubjectFacts {
  readonly limitProfile: string | null;
  readonly expectedIntervalS: number | null;
  readonly place: string | null;
  readonly enterprise: string | null;
  readonly retiredAt?: number | null;
}

const NOTHING_KNOWN: SubjectFacts = { limitProfile: null, expectedIntervalS: null, place: null, enterprise: null };

/** What alarms are about: a device that has reported, a gateway, a place, or a part of the service. */
export class Subject implements SubjectFacts, WatchSubject {
  /** By metric, of what reports itself. */
  readonly series = new Map<string, Series>();
  /** By rule, of a place: its readings come from devices. */
  readonly byRule = new Map<string, Watch>();
  limitProfile: string | null = null;
  expectedIntervalS: number | null = null;
  place: string | null = null;
  enterprise: string | null = null;
  /** Of the registry, when it was asked last; NaN: it has to be asked. */
  revision = Number.NaN;
  /** Out of use: no rule is for it. */
  retired = false;

  /** @param key as devices are told apart in the service; of others their id */
  constructor(
    readonly id: string,
    readonly park: string | null,
    readonly domain: AlarmDomain,
    readonly key: string = id,
    readonly name: string = id,
  ) {}

  /** Takes over what the registry says, and the profile whose limits hold; true when something changed. */
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
