import type { TimeZone } from '../model/time/zone.js';
import type { Registry } from '../registry/port.js';
import type { State } from '../state/port.js';
import { openLedgers } from './ledger/ledgers.js';
import { openSettings } from './statistics/settings-book.js';
import { StatisticsBook } from './statistics/statistics-book.js';

interface IntensityOptions {
  readonly state: State;
  readonly registry: Registry;
  readonly zone: TimeZone;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** Opens the room of the 5 %: what people told of it, and what follows. */
export function startIntensity({ state, registry, zone, clock }: IntensityOptions) {
  const { audit } = registry;
  const ledgers = openLedgers(state, clock);
  const statistics = new StatisticsBook({ state, ledgers, registry, audit, zone, clock });
  const intensitySettings = openSettings({ ledgers, audit, isKnown: (subject) => statistics.isKnown(subject) });
  return { statistics, intensitySettings };
}
