import { type Limit, limitsIn, secondary, site, verified } from './limit.js';

const limit = limitsIn('wastewater');

const GB8978_T4 = verified('GB 8978-1996', '表4 三级');
const GB8978_T1 = verified('GB 8978-1996', '表1');
const GB31962_B = site('GB/T 31962-2015', 'grade B; limit to be confirmed by the site');
const DB33_887 = site('DB33/ 887-2013', 'limit to be confirmed by the site');
const DB33_2260 = secondary('DB33/ 2260-2020', 'direct discharge outside the Taihu basin');
const DB33_2260_SITE = site('DB33/ 2260-2020', 'limit to be confirmed by the site');

/** Discharge to the sewer of a town with a treatment plant. */
export const SEWER: readonly Limit<readonly [number]>[] = [
  limit('cod_mg_l', GB8978_T4, 500),
  limit('ss_mg_l', GB8978_T4, 400),
  limit('petroleum_mg_l', GB8978_T4, 20),
  limit('total_cyanide_mg_l', GB8978_T4, 1.0),
  limit('fluoride_mg_l', GB8978_T4, 20),
  limit('total_copper_mg_l', GB8978_T4, 2.0),
  limit('total_zinc_mg_l', GB8978_T4, 5.0),
  limit('total_chromium_mg_l', GB8978_T1, 1.5),
  limit('hexavalent_chromium_mg_l', GB8978_T1, 0.5),
  limit('total_nickel_mg_l', GB8978_T1, 1.0),
  limit('total_cadmium_mg_l', GB8978_T1, 0.1),
  limit('total_silver_mg_l', GB8978_T1, 0.5),
  limit('total_lead_mg_l', GB8978_T1, 1.0),
  limit('total_mercury_mg_l', GB8978_T1, 0.05),
  limit('nh3n_mg_l', DB33_887, 35),
  limit('tp_mg_l', DB33_887, 8),
  limit('tn_mg_l', GB31962_B, 70),
  limit('total_iron_mg_l', GB31962_B, 10),
];

/** Wenzhou is outside the Taihu basin: metals as GB 21900 table 3 but Cd and Ni; COD, NH3-N, TN as table 2. */
export const ELECTROPLATING: readonly Limit<readonly [number]>[] = [
  limit('total_chromium_mg_l', DB33_2260, 0.5),
  limit('hexavalent_chromium_mg_l', DB33_2260, 0.1),
  limit('total_nickel_mg_l', DB33_2260_SITE, 0.3),
  limit('total_cadmium_mg_l', DB33_2260_SITE, 0.05),
  limit('total_silver_mg_l', DB33_2260, 0.1),
  limit('total_lead_mg_l', DB33_2260, 0.1),
  limit('total_mercury_mg_l', DB33_2260, 0.005),
  limit('total_copper_mg_l', DB33_2260, 0.3),
  limit('total_zinc_mg_l', DB33_2260, 1.0),
  limit('total_iron_mg_l', DB33_2260, 2.0),
  limit('total_aluminium_mg_l', DB33_2260, 2.0),
  limit('ss_mg_l', DB33_2260, 30),
  limit('cod_mg_l', DB33_2260, 80),
  limit('nh3n_mg_l', DB33_2260, 15),
  limit('tn_mg_l', DB33_2260, 20),
  limit('tp_mg_l', DB33_2260, 0.5),
  limit('petroleum_mg_l', DB33_2260, 2.0),
  limit('fluoride_mg_l', DB33_2260, 10),
  limit('total_cyanide_mg_l', DB33_2260, 0.2),
];

/** The range that the standard sets for pH, and the highest temperature. */
export const SEWER_PH = limit('ph', GB8978_T4, 6, 9);
export const ELECTROPLATING_PH = limit('ph', DB33_2260, 6, 9);
export const SEWER_TEMPERATURE = limit('temperature_c', GB31962_B, 40);
