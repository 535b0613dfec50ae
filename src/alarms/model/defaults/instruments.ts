import { metric as catalogued } from '../../../model/catalogue/index.js';
import type { LimitSource } from '../../../model/limits/limit.js';
import type { Domain } from '../../../model/reading.js';
import type { AlarmClass, Priority } from '../class.js';
import type { AlarmRule } from '../rule/rule.js';
import { above, alarm, level, type RuleDraft, reaches, rule, text } from './build.js';

const HOUR_S = 3_600;

/** An instrument that is watched for its own sake; ids are made of `name`. */
export interface Instrument {
  readonly domain: Domain;
  readonly metric: string;
  readonly name: string;
  readonly alarmClass: AlarmClass;
  readonly source: LimitSource;
  readonly priority: Priority;
  /** Longest step between readings that counts as watching without interruption. */
  readonly maxGapS: number;
}

const labelled = ({ domain, metric }: Instrument) => {
  const known = catalogued(domain, metric);
  return { zh: known?.labelZh ?? metric, en: known?.labelEn ?? metric };
};

const made = (
  instrument: Instrument,
  draft: Pick<RuleDraft, 'id' | 'signal' | 'comparison' | 'message' | 'advice'> & Partial<RuleDraft>,
) => {
  const { domain, metric, alarmClass, source, maxGapS } = instrument;
  return rule(domain, { metric, alarmClass, source, maxGapS, ...draft });
};

/** The value has not changed for `hours`: a frozen instrument, or a gateway that repeats what it read last. */
export function stuck(instrument: Instrument, hours: number): AlarmRule {
  const { zh, en } = labelled(instrument);
  return made(instrument, {
    id: `${instrument.name}-stuck`,
    signal: { kind: 'unchanged' },
    comparison: reaches(alarm(instrument.priority, hours * HOUR_S)),
    message: text(`${zh}数值长时间不变`, `${en}: the value does not change`),
    advice: text('检查仪表、采样管路和采集程序是否停滞', 'Check the instrument, its sampling line and the acquisition'),
  });
}

/** More than a quarter of the readings is not good; from half on the next priority. */
export function oftenBad(instrument: Instrument, windowHours: number, minReadings: number, worse: Priority): AlarmRule {
  const { zh, en } = labelled(instrument);
  return made(instrument, {
    id: `${instrument.name}-bad-data`,
    signal: { kind: 'bad_share', windowS: windowHours * HOUR_S, minReadings },
    comparison: above(level('warning', instrument.priority, 25, 5), level('alarm', worse, 50, 10)),
    message: text(`${zh}无效数据比例过高`, `${en}: too many readings are not good`),
    advice: text(
      '查看数据标记，检修仪表及其通信',
      'Look at the flags of the readings; repair the instrument or its line',
    ),
  });
}

/** The series is missing from a device that sends others. */
export function missing(instrument: Instrument, device: string): AlarmRule {
  const { zh, en } = labelled(instrument);
  return made(instrument, {
    id: `${instrument.name}-silent`,
    signal: { kind: 'silence' },
    comparison: above(alarm(instrument.priority, 0)),
    suppressedBy: [{ rule: device, scope: 'device' }],
    message: text(`${zh}无数据，同站其他仪表正常`, `${en} missing while the rest of the station is heard`),
    advice: text(
      '检查该仪表供电及其与数采仪的连接',
      'Check the power of the instrument and its link to the data logger',
    ),
  });
}
