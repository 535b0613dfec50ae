import type { Ledgers } from '../ledger/ledgers.js';
import type { Bill } from '../model/bills/bill.js';
import type { Coefficient } from '../model/conversion/coefficient.js';
import type { GreenPower, MeasuredHeat } from '../model/conversion/convert.js';
import { DEFAULT_COEFFICIENTS } from '../model/conversion/gb2589.js';
import { AddedValues } from '../model/statistics/added-value.js';
import { type CountedSet, setKey } from '../model/statistics/counted-set.js';
import { isAddedValue } from '../model/statistics/entry.js';
import { believed } from '../model/statistics/ledger.js';
import { DEFAULT_POLICY, type Policy } from '../model/tracking/policy.js';
import type { Basis } from '../model/tracking/publication.js';

/** All that people told, as it is believed now. */
export interface Known {
  readonly policy: Policy;
  readonly values: AddedValues;
  /** Subjects whose added value was published. */
  readonly subjects: ReadonlySet<string>;
  readonly set: (scope: string, year: number) => CountedSet | undefined;
  /** The site's own first: the first that is valid counts. */
  readonly coefficients: readonly Coefficient[];
  readonly measured: readonly MeasuredHeat[];
  /** What utilities billed before there were meters, by owner. */
  readonly bills: ReadonlyMap<string, readonly Bill[]>;
  /** Certificates, by owner. */
  readonly greenPower: ReadonlyMap<string, readonly GreenPower[]>;
  readonly basis: Basis;
  /** Changes whenever anything of it does. */
  readonly stamp: string;
  /** Changes whenever anything does that quantities rest on. */
  readonly quantityStamp: string;
}

const versionOf = (ledger: { readonly ledger: readonly { readonly version: number }[] }): number =>
  ledger.ledger.at(-1)?.version ?? 0;

/** The versions of all that an assessment rests on; readings come by no version, so that of their corrections is told. */
export function basisOf(ledgers: Ledgers): Basis {
  const { meters, swaps, voids, gapRules, measuredHeat, bills, greenPower } = ledgers;
  const of = { meters, swaps, voids, gap_rules: gapRules, measured_heat: measuredHeat, bills, green_power: greenPower };
  return {
    statistics: versionOf(ledgers.statistics),
    sets: versionOf(ledgers.countedSets),
    coefficients: versionOf(ledgers.coefficients),
    policy: versionOf(ledgers.policy),
    readings: Object.entries(of)
      .map(([name, ledger]) => `${name}:${versionOf(ledger)}`)
      .join(' '),
    forecast: 'docs/decisions/007-year-end-forecast.md',
  };
}

function byOwner<T extends { readonly owner: string }>(all: readonly T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const one of all) {
    const own = found.get(one.owner);
    if (own === undefined) found.set(one.owner, [one]);
    else own.push(one);
  }
  return found;
}

/** Reads the ledgers once for each of their versions. */
export class KnownReader {
  #known: Known | null = null;

  constructor(private readonly ledgers: Ledgers) {}

  now(): Known {
    const basis = basisOf(this.ledgers);
    const stamp = JSON.stringify(basis);
    if (this.#known?.stamp === stamp) return this.#known;
    const { ledgers } = this;
    const policy = [...believed(ledgers.policy.ledger, 'latest').at.values()].at(-1)?.value ?? DEFAULT_POLICY;
    const statistics = believed(ledgers.statistics.ledger, 'latest');
    const sets = believed(ledgers.countedSets.ledger, 'latest').at;
    const all = <T>(ledger: { readonly ledger: Parameters<typeof believed<T>>[0] }): T[] =>
      [...believed<T>(ledger.ledger, 'latest').at.values()].map(({ value }) => value);
    this.#known = {
      ...{ policy, basis, stamp },
      quantityStamp: `${basis.coefficients} ${basis.readings} ${policy.baseYear}`,
      values: new AddedValues(statistics, policy.baseYear),
      subjects: new Set(
        Array.from(statistics.at.values(), ({ value }) => value)
          .filter(isAddedValue)
          .map(({ subject }) => subject),
      ),
      set: (scope, year) => sets.get(setKey({ scope, year }))?.value,
      coefficients: [...all(ledgers.coefficients), ...DEFAULT_COEFFICIENTS],
      measured: all(ledgers.measuredHeat),
      bills: byOwner(all(ledgers.bills)),
      greenPower: byOwner(all(ledgers.greenPower)),
    };
    return this.#known;
  }
}
