import type { Ledgers } from '../ledger/ledgers.js';
import { parkOfMember } from '../model/assess/scope.js';
import type { Revision } from '../model/statistics/ledger.js';
import type { VerdictBasis } from '../model/tracking/publication.js';
import { type RevisionRef, TOLD } from './port.js';

/** Of one restatement; the newest are the most telling. */
const MOST = 20;

const ledgerOf = (ledgers: Ledgers, of: RevisionRef['of']): readonly Revision<unknown>[] =>
  of === 'sets' ? ledgers.countedSets.ledger : ledgers[of].ledger;

const refOf = (of: RevisionRef['of'], { version, recordedAt, source, reason }: Revision<unknown>): RevisionRef => ({
  ...{ of, version, recordedAt, source, reason: reason ?? null },
});

/**
 * What was recorded between two bases, the newest first; of statistics and sets what says something of the `places`, parks,
 * districts or `city`, so that no one reads of others.
 */
export function revisionsBetween(
  ledgers: Ledgers,
  places: ReadonlySet<string>,
  from: VerdictBasis,
  to: VerdictBasis,
): RevisionRef[] {
  return TOLD.flatMap((of) => {
    const told = ledgerOf(ledgers, of).slice(from[of], to[of]);
    const isOfPlaces = ({ items }: Revision<unknown>) => {
      if (of === 'coefficients' || of === 'policy') return true;
      for (const key of items.keys()) if (places.has(parkOfMember(key.slice(0, key.indexOf(' '))))) return true;
      return false;
    };
    return told.filter(isOfPlaces).map((one) => refOf(of, one));
  })
    .sort((a, b) => b.recordedAt - a.recordedAt)
    .slice(0, MOST);
}

/** When the versions of a basis were recorded, and from what: of coefficients and policy, which are everybody's. */
export function revisionsOf(ledgers: Ledgers, basis: VerdictBasis): RevisionRef[] {
  return (['coefficients', 'policy'] as const).flatMap((of) => {
    const one = ledgerOf(ledgers, of)[basis[of] - 1];
    return one === undefined ? [] : [refOf(of, one)];
  });
}
