import { type DischargeLimit, type LimitColumn, limitsOfColumn } from './limit.js';

/** GB 21900-2008, 6.2: one sample taken on the spot may be judged. Hourly and daily means are practice, from memory. */
const ELECTROPLATING_BASES = { instant: 'V', hour: 'M', day: 'M' } as const;
/** The highest permitted concentration is a daily mean, from memory. */
const DAILY = { day: 'M' } as const;

const TO_CONFIRM = 'limit to be confirmed by the site';

const gb8978 = (table: string, column: LimitColumn['column'], id: string, clause: string): LimitColumn => ({
  ...{ id: `gb8978-1996/${id}`, standard: 'GB 8978-1996', table, column, clause, clauseToConfirm: clause },
  ...{ from: '1998-01-01', fromMark: 'V', to: null, bases: DAILY },
});

export const GB8978_FIRST_CLASS = gb8978('表1', { zh: '第一类污染物', en: 'first-class pollutants' }, '1', '表1');
/** Units built from 1998 on, "other units": class 3 is for the sewer of a town with a treatment plant. */
export const GB8978_CLASSES = {
  1: gb8978('表4', { zh: '一级', en: 'class 1' }, '4-1', '表4 一级'),
  2: gb8978('表4', { zh: '二级', en: 'class 2' }, '4-2', '表4 二级'),
  3: gb8978('表4', { zh: '三级', en: 'class 3' }, '4-3', '表4 三级'),
} as const;

const gb21900 = (table: '2' | '3', column: LimitColumn['column']): LimitColumn => ({
  ...{ id: `gb21900-2008/${table}`, standard: 'GB 21900-2008', table: `表${table}`, column },
  ...{ clause: `表${table}`, clauseToConfirm: `表${table}` },
  // Table 1 of existing units ended on 2010-06-30 (read); new units had table 2 from 2008-08-01 on (from memory).
  ...{ from: '2008-08-01', fromMark: 'M', to: null, bases: ELECTROPLATING_BASES },
});
export const GB21900_TABLE2 = gb21900('2', { zh: '新建企业', en: 'new units' });
export const GB21900_TABLE3 = gb21900('3', { zh: '特别排放限值', en: 'special limits' });

export const DB33_2260_DIRECT: LimitColumn = {
  ...{ id: 'db33-2260-2020/direct', standard: 'DB33/ 2260-2020', table: '表1' },
  column: { zh: '直接排放，太湖流域以外', en: 'direct discharge outside the Taihu basin' },
  ...{ clause: 'direct discharge outside the Taihu basin', clauseToConfirm: TO_CONFIRM },
  ...{ from: '2020-07-01', fromMark: 'S', to: null, bases: { instant: 'M', hour: 'M', day: 'M' } },
};

export const DB33_887: LimitColumn = {
  ...{ id: 'db33-887-2013/1', standard: 'DB33/ 887-2013', table: '表1', column: { zh: '间接排放', en: 'indirect' } },
  ...{ clause: 'indirect discharge', clauseToConfirm: TO_CONFIRM },
  ...{ from: '2013-04-19', fromMark: 'S', to: null, bases: DAILY },
};

const gb31962 = (grade: 'A' | 'B' | 'C'): LimitColumn => ({
  ...{ id: `gbt31962-2015/${grade}`, standard: 'GB/T 31962-2015', table: '表1' },
  column: { zh: `${grade}级`, en: `grade ${grade}` },
  ...{ clause: `grade ${grade}`, clauseToConfirm: `grade ${grade}; ${TO_CONFIRM}` },
  ...{ from: '2016-08-01', fromMark: 'M', to: null, bases: DAILY },
});
/** Grade B is for sewers whose plant treats to the second stage. */
export const GB31962 = { A: gb31962('A'), B: gb31962('B'), C: gb31962('C') } as const;

type Row = readonly [pollutant: string, ...values: readonly (string | null)[]];

/** One column of rows; null where the table has a dash. */
const columnOf = (rows: readonly Row[], at: number): Readonly<Record<string, string>> =>
  Object.fromEntries(rows.flatMap(([key, ...values]) => (values[at] == null ? [] : [[key, values[at] as string]])));

/** Table 4: classes 1, 2, 3; read in the scan. */
const TABLE_4: readonly Row[] = [
  ['colour_dilution', '50', '80', null],
  ['ss_mg_l', '70', '150', '400'],
  ['bod5_mg_l', '20', '30', '300'],
  ['cod_mg_l', '100', '150', '500'],
  ['petroleum_mg_l', '5', '10', '20'],
  ['animal_vegetable_oil_mg_l', '10', '15', '100'],
  ['volatile_phenol_mg_l', '0.5', '0.5', '2.0'],
  ['total_cyanide_mg_l', '0.5', '0.5', '1.0'],
  ['sulphide_mg_l', '1.0', '1.0', '1.0'],
  ['nh3n_mg_l', '15', '25', null],
  ['fluoride_mg_l', '10', '10', '20'],
  ['phosphate_mg_l', '0.5', '1.0', null],
  ['las_mg_l', '5.0', '10', '20'],
  ['total_copper_mg_l', '0.5', '1.0', '2.0'],
  ['total_zinc_mg_l', '2.0', '5.0', '5.0'],
  ['total_manganese_mg_l', '2.0', '2.0', '5.0'],
];

/** GB 21900-2008 tables 2 and 3; read in the scan. */
const ELECTROPLATING_WORKSHOP: readonly Row[] = [
  ['total_chromium_mg_l', '1.0', '0.5'],
  ['hexavalent_chromium_mg_l', '0.2', '0.1'],
  ['total_nickel_mg_l', '0.5', '0.1'],
  ['total_cadmium_mg_l', '0.05', '0.01'],
  ['total_silver_mg_l', '0.3', '0.1'],
  ['total_lead_mg_l', '0.2', '0.1'],
  ['total_mercury_mg_l', '0.01', '0.005'],
];
const ELECTROPLATING_MAIN: readonly Row[] = [
  ['total_copper_mg_l', '0.5', '0.3'],
  ['total_zinc_mg_l', '1.5', '1.0'],
  ['total_iron_mg_l', '3.0', '2.0'],
  ['total_aluminium_mg_l', '3.0', '2.0'],
  ['ss_mg_l', '50', '30'],
  ['cod_mg_l', '80', '50'],
  ['nh3n_mg_l', '15', '8'],
  ['tn_mg_l', '20', '15'],
  ['tp_mg_l', '1.0', '0.5'],
  ['petroleum_mg_l', '3.0', '2.0'],
  ['fluoride_mg_l', '10', '10'],
  ['total_cyanide_mg_l', '0.3', '0.2'],
];

/** Grades A, B, C; from memory, but COD. The first-class pollutants are judged at the workshop. */
const SEWER_WORKSHOP: readonly Row[] = [
  ['total_mercury_mg_l', '0.005', '0.005', '0.005'],
  ['total_cadmium_mg_l', '0.05', '0.05', '0.05'],
  ['total_chromium_mg_l', '1.5', '1.5', '1.5'],
  ['hexavalent_chromium_mg_l', '0.5', '0.5', '0.5'],
  ['total_arsenic_mg_l', '0.3', '0.3', '0.3'],
  ['total_lead_mg_l', '0.5', '0.5', '0.5'],
  ['total_nickel_mg_l', '1', '1', '1'],
  ['total_silver_mg_l', '0.5', '0.5', '0.5'],
];
const SEWER_MAIN: readonly Row[] = [
  ['temperature_c', '40', '40', '40'],
  ['ss_mg_l', '400', '400', '250'],
  ['bod5_mg_l', '350', '350', '150'],
  ['nh3n_mg_l', '45', '45', '25'],
  ['tn_mg_l', '70', '70', '45'],
  ['tp_mg_l', '8', '8', '5'],
  ['petroleum_mg_l', '15', '15', '10'],
  ['las_mg_l', '20', '20', '10'],
  ['total_cyanide_mg_l', '0.5', '0.5', '0.5'],
  ['sulphide_mg_l', '1', '1', '1'],
  ['fluoride_mg_l', '20', '20', '20'],
  ['chloride_mg_l', '500', '800', '800'],
  ['sulphate_mg_l', '400', '600', '600'],
  ['total_copper_mg_l', '2', '2', '2'],
  ['total_zinc_mg_l', '5', '5', '5'],
  ['total_manganese_mg_l', '2', '5', '5'],
  ['total_iron_mg_l', '5', '10', '10'],
];
/** COD of grades A, B, C: confirmed by code alone. */
const SEWER_COD: Row = ['cod_mg_l', '500', '500', '300'];

const PH = { ph: ['6', '9'] } as const;

/**
 * Every limit that the service ships. Outside the Taihu basin DB33/ 2260-2020 has metals as table 3 of GB 21900 but Cd
 * and Ni, which are from memory; COD, NH3-N and TN as table 2; the rest as table 3.
 */
export const DISCHARGE_LIMITS: readonly DischargeLimit[] = [
  ...([1, 2, 3] as const).flatMap((grade) => [
    ...limitsOfColumn(GB8978_CLASSES[grade], 'main', 'V', { ...columnOf(TABLE_4, grade - 1), ...PH }),
  ]),
  ...limitsOfColumn(GB8978_FIRST_CLASS, 'workshop', 'V', {
    ...{ total_mercury_mg_l: '0.05', total_cadmium_mg_l: '0.1', total_chromium_mg_l: '1.5' },
    ...{ hexavalent_chromium_mg_l: '0.5', total_arsenic_mg_l: '0.5', total_lead_mg_l: '1.0' },
    ...{ total_nickel_mg_l: '1.0', total_beryllium_mg_l: '0.005', total_silver_mg_l: '0.5' },
  }),
  ...[GB21900_TABLE2, GB21900_TABLE3].flatMap((column, at) => [
    ...limitsOfColumn(column, 'workshop', 'V', columnOf(ELECTROPLATING_WORKSHOP, at)),
    ...limitsOfColumn(column, 'main', 'V', { ...columnOf(ELECTROPLATING_MAIN, at), ...PH }),
  ]),
  ...limitsOfColumn(DB33_2260_DIRECT, 'workshop', 'S', {
    ...{ total_chromium_mg_l: '0.5', hexavalent_chromium_mg_l: '0.1', total_silver_mg_l: '0.1' },
    ...{ total_lead_mg_l: '0.1', total_mercury_mg_l: '0.005' },
  }),
  ...limitsOfColumn(DB33_2260_DIRECT, 'workshop', 'M', { total_nickel_mg_l: '0.3', total_cadmium_mg_l: '0.05' }),
  ...limitsOfColumn(DB33_2260_DIRECT, 'main', 'S', {
    ...{ ...columnOf(ELECTROPLATING_MAIN, 1), ...PH },
    ...{ cod_mg_l: '80', nh3n_mg_l: '15', tn_mg_l: '20' },
  }),
  ...(['A', 'B', 'C'] as const).flatMap((grade, at) => [
    ...limitsOfColumn(GB31962[grade], 'workshop', 'M', columnOf(SEWER_WORKSHOP, at)),
    ...limitsOfColumn(GB31962[grade], 'main', 'M', { ...columnOf(SEWER_MAIN, at), ph: ['6.5', '9.5'] }),
    ...limitsOfColumn(GB31962[grade], 'main', 'C', columnOf([SEWER_COD], at)),
  ]),
  ...limitsOfColumn(DB33_887, 'main', 'M', { nh3n_mg_l: '35', tp_mg_l: '8' }),
];
