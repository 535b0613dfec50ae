/** A pollutant that standards limit and the catalogue has no metric for. */
export interface OtherPollutant {
  readonly key: string;
  readonly unit: string;
  readonly labelZh: string;
  readonly labelEn: string;
  /** Factor code of HJ 212-2017 table B.1; null where there is none. */
  readonly hj212: string | null;
}

const mg = (name: string, labelZh: string, labelEn: string, hj212: string | null = null): OtherPollutant => ({
  ...{ key: `${name}_mg_l`, unit: 'mg/L', labelZh, labelEn, hj212 },
});

/** As the tables of the standards name them. */
export const OTHER_POLLUTANTS: readonly OtherPollutant[] = [
  { key: 'colour_dilution', unit: '倍', labelZh: '色度（稀释倍数）', labelEn: 'Colour, dilution', hj212: 'w01002' },
  mg('bod5', '五日生化需氧量', 'Biochemical oxygen demand', 'w01017'),
  mg('animal_vegetable_oil', '动植物油', 'Animal and vegetable oil'),
  mg('volatile_phenol', '挥发酚', 'Volatile phenol', 'w23002'),
  mg('sulphide', '硫化物', 'Sulphide', 'w21019'),
  mg('phosphate', '磷酸盐（以P计）', 'Phosphate, as P'),
  mg('las', '阴离子表面活性剂', 'Anionic surfactants'),
  mg('total_manganese', '总锰', 'Total manganese', 'w20124'),
  mg('total_arsenic', '总砷', 'Total arsenic', 'w20119'),
  mg('total_beryllium', '总铍', 'Total beryllium'),
  mg('chloride', '氯化物', 'Chloride'),
  mg('sulphate', '硫酸盐', 'Sulphate'),
];
