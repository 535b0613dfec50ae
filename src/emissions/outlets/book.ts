import { maySeePark, type Principal } from '../../model/access.js';
import { parkOf } from '../../model/ids.js';
import { withOverrides } from '../../model/limits/discharge/regime.js';
import type { Audit } from '../../registry/audit/port.js';
import type { Registry } from '../../registry/port.js';
import type { EmissionItem, EmissionLedgers } from '../ledger/emission-ledgers.js';
import { checkEmissionItems } from '../model/outlets/check-entries.js';
import { type EmissionItems, type EmissionLedger, emissionKey, outletOfEntry } from '../model/outlets/entries.js';
import { limitOfOutlet, type OutletKey } from '../model/outlets/outlet.js';
import { EmissionsRefusedError, type EmissionsTold, type OutletBook } from '../port.js';

interface OutletDeps {
  readonly ledgers: EmissionLedgers;
  readonly registry: Pick<Registry, 'park' | 'device' | 'enterprisesCalled'>;
  readonly audit: Pick<Audit, 'record'>;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** The most wrong fields that one refusal names. */
const MOST_NAMED = 1_000;
/** Keys that the audit names of what was told together. */
const NAMED_KEYS = 4;

/** What people tell of outlets, over the ledgers. */
export function openOutletBook({ ledgers, registry, audit, clock }: OutletDeps): OutletBook {
  const mayWrite = (outlet: OutletKey, who: Principal): boolean => {
    const park = registry.park(parkOf(outlet));
    return park !== undefined && maySeePark(who, park);
  };

  const isOfPark = (outlet: string): boolean => registry.park(parkOf(outlet as OutletKey)) !== undefined;

  /** The outlet of each entry; '' where the entry is of all outlets. Foreign and unknown ones are absent. */
  function outletsOf(items: EmissionItems, who: Principal): string[] {
    if (items.ledger === 'overrides') return items.entries.map(() => requireWhole(who));
    const outlets = items.entries.map((entry) => ('key' in entry ? entry.key : entry.outlet));
    for (const outlet of new Set(outlets)) {
      const isThere = items.ledger === 'outlets' || ledgers.beliefs('outlets', { outlet }).length > 0;
      if (!mayWrite(outlet, who)) throw absent(`the outlet ${outlet}`, isOfPark(outlet));
      if (!isThere) throw absent(`the outlet ${outlet}`);
    }
    return outlets;
  }

  function record(
    ledger: EmissionLedger,
    items: readonly EmissionItem[],
    who: Principal,
    told: EmissionsTold,
    action: string,
  ) {
    const requireWords = told.source.trim() !== '' && told.reason.trim() !== '';
    if (!requireWords) throw refused([{ field: 'reason', expected: 'where it comes from, and why' }]);
    return ledgers.append(ledger, items, who.id, told, () =>
      audit.record({
        ...{ who: who.id, action: `emissions.${ledger}.${action}`, target: told.source, outcome: 'done' },
        detail: { ...told, items: items.length, first: items.slice(0, NAMED_KEYS).map(({ key }) => key) },
      }),
    );
  }

  const book: OutletBook = {
    get version() {
      return ledgers.version;
    },
    put(items, who, told) {
      const outlets = outletsOf(items, who);
      const hasDevice = (device: string) => registry.device(device as OutletKey)?.domain === 'wastewater';
      const hasEnterprise = (park: string, id: string) =>
        registry.enterprisesCalled(id).some((one) => one.park === park);
      const wrong = checkEmissionItems(items, { hasDevice, hasEnterprise, now: clock() });
      const keys = items.entries.map((_, at) => emissionKey(items, at));
      const last = new Map(keys.map((key, at) => [key, at]));
      const twice = keys.findIndex((key, at) => last.get(key) !== at);
      if (twice >= 0) throw refused([{ field: `entries.${twice}`, expected: 'each key once' }]);
      if (wrong.length > 0) throw refused(wrong);
      if (keys.length === 0) return ledgers.version;
      const recorded = items.entries.map(
        (value, at): EmissionItem => ({ key: keys[at]!, outlet: outlets[at]!, value }),
      );
      return record(items.ledger, recorded, who, told, 'put');
    },
    withdraw(ledger, key, who, told) {
      const outlet = ledger === 'overrides' ? requireWhole(who) : outletOfEntry(ledger, key);
      const isThere = ledgers.beliefs(ledger, { outlet, key }).length > 0;
      if (ledger !== 'overrides' && !mayWrite(outlet as OutletKey, who)) throw absent(key, isOfPark(outlet));
      if (!isThere) throw absent(key);
      return record(ledger, [{ key, outlet, value: null }], who, told, 'withdraw');
    },
    beliefs: (ledger, filter) => ledgers.beliefs(ledger, filter),
    outlets(who, asOf) {
      const all = ledgers.beliefs('outlets', { asOf }).map(({ value }) => value);
      return all.filter(({ key }) => mayWrite(key, who));
    },
    limitAt(outlet, pollutant, day, asOf) {
      const of = <Name extends 'profiles' | 'permits'>(ledger: Name) =>
        ledgers.beliefs(ledger, { outlet: outlet.key, asOf }).map(({ value }) => value);
      const cells = withOverrides(ledgers.beliefs('overrides', { asOf }).map(({ value }) => value));
      return limitOfOutlet({ outlet, profiles: of('profiles'), permits: of('permits'), cells }, pollutant, day);
    },
    marks(outlet, asOf) {
      const found = ledgers.beliefs('marks', { outlet, asOf });
      return found
        .toSorted((a, b) => a.version - b.version)
        .map(({ value: { from, to, metric, verdict }, by, recordedAt, reason }) => ({
          ...{ from, to, metric, verdict, by, at: recordedAt, why: reason },
        }));
    },
    samples(outlet, metric, asOf) {
      const found = ledgers.beliefs('samples', { outlet, asOf }).map(({ value }) => value);
      const own = found.filter((one) => one.metric === metric).toSorted((a, b) => a.ts - b.ts);
      return own.map(({ ts, value }) => ({ ts, value }));
    },
  };
  return book;
}

/** An override is of the whole city. */
function requireWhole({ parks, districts }: Principal): '' {
  if (parks.length > 0 || districts.length > 0) throw absent('the limits of the city');
  return '';
}

/** @param outOfScope it is there, for others */
const absent = (what: string, outOfScope = false) =>
  new EmissionsRefusedError('missing', 'unknown_entry', `nothing is recorded of ${what}`, [], outOfScope);

function refused(all: readonly { readonly field: string; readonly expected: string }[]): EmissionsRefusedError {
  const wrong = all.slice(0, MOST_NAMED);
  const message = wrong.map(({ field, expected }) => `${field}: ${expected}`).join('; ');
  return new EmissionsRefusedError('invalid', 'invalid_request', message, wrong);
}
