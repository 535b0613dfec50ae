import type { Principal } from '../../model/access.js';
import { canonicalJson } from '../../model/canonical-json.js';
import { type FieldError, inPart, must } from '../../model/field-error.js';
import type { Audit } from '../../registry/audit/port.js';
import type { LedgerStore } from '../ledger/ledger-store.js';
import type { Ledgers } from '../ledger/ledgers.js';
import {
  checkCo2Factors,
  checkCoefficients,
  checkGreenPower,
  checkMeasuredHeat,
  co2FactorKey,
  greenPowerKey,
  measuredHeatKey,
} from '../model/conversion/check-coefficients.js';
import { DEFAULT_CO2_FACTORS } from '../model/conversion/co2.js';
import { coefficientKey, type Valid, validityLeft } from '../model/conversion/coefficient.js';
import { DEFAULT_COEFFICIENTS } from '../model/conversion/gb2589.js';
import type { AsOf, Believed } from '../model/statistics/ledger.js';
import { checkPolicy, DEFAULT_POLICY } from '../model/tracking/policy.js';
import { IntensityRefusedError } from '../port.js';
import type { IntensitySettings, Setting, Settings, SettingsList, SettingsTold } from './port.js';
import { originOf, refusedFields, tellOf } from './told.js';

interface SettingsDeps {
  readonly ledgers: Pick<Ledgers, 'coefficients' | 'co2Factors' | 'measuredHeat' | 'greenPower' | 'policy'>;
  readonly audit: Pick<Audit, 'record'>;
  /** Whether the subject exists: heat values and certificates belong to one. */
  readonly isKnown: (subject: string) => boolean;
}

/** What differs between the lists of settings. */
interface Kind<T> {
  /** The name in the audit, and of the list in the paths of what is wrong. */
  readonly name: string;
  readonly key: (one: T) => string;
  readonly check: (own: readonly T[]) => readonly FieldError[];
  /** The defaults that count beside what the site recorded. */
  readonly defaults: (recorded: readonly T[]) => readonly T[];
}

/** The settings over their ledgers. */
export function openSettings({ ledgers, audit, isKnown }: SettingsDeps): IntensitySettings {
  const book = <T>(ledger: LedgerStore<T>, kind: Kind<T>) => new SettingsBook(ledger, audit, kind);
  const ownersOf = (name: string, list: readonly { readonly owner: string }[]) =>
    list.flatMap(({ owner }, index) =>
      inPart(`${name}.${index}`, must(isKnown(owner), 'owner', 'a park or enterprise of the registry')),
    );
  return {
    coefficients: book(ledgers.coefficients, {
      ...{ name: 'coefficients', key: coefficientKey, check: checkCoefficients },
      defaults: (recorded) => uncovered(DEFAULT_COEFFICIENTS, recorded, ({ carrier, basis }) => `${carrier} ${basis}`),
    }),
    co2Factors: book(ledgers.co2Factors, {
      ...{ name: 'factors', key: co2FactorKey, check: checkCo2Factors },
      defaults: (recorded) => uncovered(DEFAULT_CO2_FACTORS, recorded, ({ carrier, region }) => `${carrier} ${region}`),
    }),
    measuredHeat: book(ledgers.measuredHeat, {
      ...{ name: 'measured', key: measuredHeatKey, defaults: () => [] },
      check: (own) => [...checkMeasuredHeat(own), ...ownersOf('measured', own)],
    }),
    greenPower: book(ledgers.greenPower, {
      ...{ name: 'greenPower', key: greenPowerKey, defaults: () => [] },
      check: (own) => [...checkGreenPower(own), ...ownersOf('greenPower', own)],
    }),
    policy: book(ledgers.policy, {
      ...{ name: 'policy', key: () => 'policy' },
      defaults: (recorded) => (recorded.length > 0 ? [] : [DEFAULT_POLICY]),
      check: (own) => own.flatMap((one) => inPart('policy', checkPolicy(one))),
    }),
  };
}

class SettingsBook<T> implements SettingsList<T> {
  constructor(
    private readonly ledger: LedgerStore<T>,
    private readonly audit: Pick<Audit, 'record'>,
    private readonly kind: Kind<T>,
  ) {}

  list(asOf: AsOf = 'latest'): Settings<T> {
    const { version, at } = this.ledger.believed(asOf);
    const recorded = [...at.values()];
    const settings: (readonly [key: string, setting: Setting<T>])[] = [
      ...recorded.map((one) => this.keyed(one.value, one)),
      ...this.kind.defaults(recorded.map(({ value }) => value)).map((value) => this.keyed(value, null)),
    ];
    settings.sort(([a], [b]) => (a < b ? -1 : 1));
    return { version, items: settings.map(([, setting]) => setting) };
  }

  check(own: readonly T[]): readonly FieldError[] {
    return this.kind.check(own);
  }

  put(own: readonly T[], who: Principal, told: SettingsTold): Settings<T> {
    const { ledger, audit } = this;
    const { key, name } = this.kind;
    const wrong = this.check(own);
    if (wrong.length > 0) throw refusedFields(wrong);
    if (told.version !== ledger.version) {
      const message = `version ${told.version} is not the newest: that is ${ledger.version}; read it again`;
      throw new IntensityRefusedError('conflict', 'settings_changed', message);
    }
    const { at } = ledger.believed();
    const kept = new Map(own.map((one) => [key(one), one]));
    const changed = [...kept].filter(([id, value]) => !saysTheSame(at.get(id)?.value, value));
    const withdrawn = [...at.keys()].filter((id) => !kept.has(id)).map((id) => [id, null] as const);
    if (changed.length + withdrawn.length === 0) return this.list();
    const keys = (all: readonly (readonly [string, unknown])[]) => all.slice(0, 4).map(([id]) => id);
    ledger.append([...changed, ...withdrawn], originOf(who, told), () =>
      audit.record({
        ...{ who: who.id, action: `intensity_settings.${name}`, target: told.source, outcome: 'done' },
        detail: {
          ...{ ...tellOf(told), version: told.version + 1 },
          ...{ changed: keys(changed), withdrawn: keys(withdrawn), items: own.length },
        },
      }),
    );
    return this.list();
  }

  private keyed(value: T, recorded: Believed<T> | null): readonly [string, Setting<T>] {
    return [this.kind.key(value), { value, recorded }];
  }
}

const saysTheSame = (a: unknown, b: unknown) => a !== undefined && canonicalJson(a) === canonicalJson(b);

/** The defaults for the months for which nothing of the same thing is recorded. */
function uncovered<T extends Valid>(
  defaults: readonly T[],
  recorded: readonly T[],
  thing: (one: T) => string,
): readonly T[] {
  return defaults.flatMap((one) =>
    recorded
      .filter((other) => thing(other) === thing(one))
      .reduce<T[]>((left, other) => left.flatMap((stretch) => validityLeft(stretch, other)), [one]),
  );
}
