import { canonicalJson } from '../../model/canonical-json.js';
import { inPart } from '../../model/field-error.js';
import { parkOf } from '../../model/ids.js';
import { HOUR_MS } from '../../model/time/duration.js';
import type { Ledgers } from '../ledger/ledgers.js';
import { DEFAULT_LOSS_LIMITS, lossLimitErrors } from '../model/boundary/losses.js';
import { type Meter, type MeterTree, sameOwner } from '../model/boundary/tree.js';
import type { AsOf } from '../model/statistics/ledger.js';
import type { MeterCorrections } from '../port.js';
import { CorrectionBook, type CorrectionDeps } from './correction-book.js';
import { meterStandingOf, notesOf } from './facts.js';
import { meterFactKey } from './kept.js';
import type { OfMeters } from './of-meters.js';
import { planEnd, planVersions, type TreePlan } from './plan.js';
import type { Author, MeterChange, Meters, ParkLossLimits, TreeEdited } from './port.js';
import { Recorder, type RecorderDeps } from './recorder.js';
import { refuseFields } from './refuse.js';
import { Trees } from './trees.js';

interface MetersDeps extends Omit<CorrectionDeps, 'recorder' | 'ledgers'>, RecorderDeps {
  readonly ledgers: Pick<Ledgers, 'meters' | 'swaps' | 'voids' | 'gapRules' | 'lossLimits'>;
}

/** How many meters a row of the audit names; all are in the ledger. */
const NAMED = 5;

/** The meter trees and corrections of the ledgers. */
export function openMeters(deps: MetersDeps): Meters {
  const { ledgers, registry, clock } = deps;
  const recorder = new Recorder(deps);
  const trees = new Trees(ledgers.meters);
  const corrections = new CorrectionBook({ ...deps, recorder });
  const { swaps, voids, gapRules } = corrections;

  const record = (park: string, action: string, plan: TreePlan, author: Author, dryRun: boolean): TreeEdited => {
    const { edits, tree } = plan;
    const revision = dryRun || edits.length === 0 ? null : write(park, action, plan, author);
    const notes = notesOf(registry, tree, clock());
    return { version: revision?.version ?? null, changed: edits.length, versions: tree.length, notes };
  };
  const write = (park: string, action: string, { edits, tree }: TreePlan, author: Author) => {
    const named = [...new Set(edits.map((one) => meterFactKey(one)))];
    const detail = { edits: edits.length, versions: tree.length, meters: named.slice(0, NAMED) };
    return recorder.record(
      ledgers.meters,
      edits.map((one) => [meterFactKey(one, one.from), one]),
      author,
      { action, target: park, detail },
      changeOf(park, edits),
    );
  };

  const lossLimits = (park: string, asOf: AsOf): ParkLossLimits => {
    const recorded = ledgers.lossLimits.believed(asOf).at.get(park) ?? null;
    return { park, limits: recorded?.value ?? DEFAULT_LOSS_LIMITS, recorded };
  };

  return {
    tree: (park, asOf = 'latest'): MeterTree => trees.of(park, asOf),
    corrections: (meter, asOf = 'latest'): MeterCorrections => ({
      swaps: valuesOf(swaps, meter, asOf),
      voids: valuesOf(voids, meter, asOf),
      gapRules: valuesOf(gapRules, meter, asOf),
    }),
    lossLimits: (park, asOf = 'latest') => lossLimits(park, asOf).limits,
    keptSince: () => corrections.keptSince(),
    onChanged: (listener) => recorder.onChanged(listener),
    newest: (ledger) => ledgers[ledger].version,
    treeVersion: (asOf) => trees.version(asOf),
    versions: (park, asOf) => trees.of(park, asOf),
    standing: (version) => meterStandingOf(registry, version),
    ownedBy: (owner, park, now) => {
      const owned = trees.of(park, 'latest').filter((one) => one.to > now && sameOwner(one.owner, owner));
      return [
        ...new Map(
          owned.map(({ device, register }) => [meterFactKey({ device, register }), { device, register }]),
        ).values(),
      ];
    },
    putVersions(park, versions, author, dryRun) {
      const plan = planVersions(trees.of(park, 'latest'), versions, registry, clock());
      return record(park, 'meters.put', plan, author, dryRun);
    },
    endMeter(meter, at, author, dryRun) {
      if (at % HOUR_MS !== 0) refuseFields([{ field: 'at', expected: 'a whole hour' }]);
      const park = parkOf(meter.device);
      const plan = planEnd(trees.of(park, 'latest'), meter, at, registry);
      return record(park, 'meters.end', plan, author, dryRun);
    },
    swaps: (park, asOf) => corrections.list(swaps, park, asOf, ({ ts }) => ts),
    recordSwap: (meter, swap, author) => corrections.recordSwap(meter, swap, author),
    withdrawSwap: (park, version, author) => corrections.withdrawSwap(park, version, author),
    voids: (park, asOf) => corrections.list(voids, park, asOf, ({ from }) => from),
    readingsOf: (meter, period) => corrections.readingsOf(meter, period),
    recordVoid: (meter, period, author) => corrections.recordVoid(meter, period, author),
    withdrawVoid: (park, version, author) => corrections.withdrawVoid(park, version, author),
    gapRules: (park, asOf) => corrections.list(gapRules, park, asOf, ({ from }) => from),
    putGapRules: (meter, rules, author) => corrections.putGapRules(meter, rules, author),
    parkLossLimits: lossLimits,
    putLossLimits(park, limits, author) {
      refuseFields(limits === null ? [] : inPart('limits', lossLimitErrors(limits)));
      const { recorded } = lossLimits(park, 'latest');
      const isNews = limits === null ? recorded !== null : canonicalJson(limits) !== canonicalJson(recorded?.value);
      if (!isNews) return lossLimits(park, 'latest');
      // The quantities of meters stay as they are.
      const change: MeterChange = { what: 'loss_limits', park, meters: [], from: 0, to: 0 };
      const told = { action: 'meter_loss_limits.put', target: park, detail: { limits } };
      recorder.record(ledgers.lossLimits, [[park, limits]], author, told, change);
      return lossLimits(park, 'latest');
    },
  };
}

const valuesOf = <T>(of: OfMeters<T>, meter: Meter, asOf: AsOf): readonly T[] =>
  of.of(meter, asOf).map(({ value }) => value);

function changeOf(park: string, edits: TreePlan['edits']): MeterChange {
  const meters = new Map(
    edits.map(({ device, register }) => [meterFactKey({ device, register }), { device, register }]),
  );
  const from = Math.min(...edits.map((one) => one.from));
  const to = Math.max(...edits.map((one) => one.to ?? Number.POSITIVE_INFINITY));
  return { what: 'tree', park, meters: [...meters.values()], from, to };
}
