import type { Mark } from '../mark.js';
import { limitOn, REGIMES } from './discharge/regime.js';
import { type Limit, type LimitSource, limitsIn, secondary, site, verified } from './limit.js';

const limit = limitsIn('wastewater');

/** The day whose limits the default alarm rules take: the newest step of each regime is in force by then. */
const SHIPPED_ON = '2022-01-01';
const CERTAINTY: Readonly<Record<Mark, typeof verified>> = { V: verified, S: secondary, C: site, M: site };

/** What is in force for a regime, as the source and the numbers of a default rule. */
function inForce(regime: string, metric: string): { readonly source: LimitSource; readonly ends: readonly number[] } {
  const found = limitOn(REGIMES.find(({ id }) => id === regime)!, metric, SHIPPED_ON);
  if (found === null) throw new RangeError(`no limit of ${metric} for ${regime}`);
  const { column, mark, min, max } = found;
  const source = CERTAINTY[mark](column.standard, mark === 'M' ? column.clauseToConfirm : column.clause);
  return { source, ends: [...(min === null ? [] : [Number(min)]), Number(max)] };
}

function highest(regime: string, metric: string): Limit<readonly [number]> {
  const { source, ends } = inForce(regime, metric);
  return limit(metric, source, ends.at(-1)!);
}

function range(regime: string, metric: string): Limit<readonly [number, number]> {
  const { source, ends } = inForce(regime, metric);
  return limit(metric, source, ends[0]!, ends[1]!);
}

/** Discharge to the sewer of a town with a treatment plant. */
export const SEWER: readonly Limit<readonly [number]>[] = [
  ...['cod_mg_l', 'ss_mg_l', 'petroleum_mg_l', 'total_cyanide_mg_l', 'fluoride_mg_l', 'total_copper_mg_l'],
  ...['total_zinc_mg_l', 'total_chromium_mg_l', 'hexavalent_chromium_mg_l', 'total_nickel_mg_l', 'total_cadmium_mg_l'],
  ...[
    'total_silver_mg_l',
    'total_lead_mg_l',
    'total_mercury_mg_l',
    'nh3n_mg_l',
    'tp_mg_l',
    'tn_mg_l',
    'total_iron_mg_l',
  ],
].map((metric) => highest('sewer', metric));

/** Wenzhou is outside the Taihu basin: metals as GB 21900 table 3 but Cd and Ni; COD, NH3-N, TN as table 2. */
export const ELECTROPLATING: readonly Limit<readonly [number]>[] = [
  ...[
    'total_chromium_mg_l',
    'hexavalent_chromium_mg_l',
    'total_nickel_mg_l',
    'total_cadmium_mg_l',
    'total_silver_mg_l',
  ],
  ...['total_lead_mg_l', 'total_mercury_mg_l', 'total_copper_mg_l', 'total_zinc_mg_l', 'total_iron_mg_l'],
  ...['total_aluminium_mg_l', 'ss_mg_l', 'cod_mg_l', 'nh3n_mg_l', 'tn_mg_l', 'tp_mg_l', 'petroleum_mg_l'],
  ...['fluoride_mg_l', 'total_cyanide_mg_l'],
].map((metric) => highest('electroplating', metric));

/** The range that the standard sets for pH, and the highest temperature. */
export const SEWER_PH = range('sewer', 'ph');
export const ELECTROPLATING_PH = range('electroplating', 'ph');
export const SEWER_TEMPERATURE = highest('sewer', 'temperature_c');
