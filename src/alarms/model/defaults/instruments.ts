import { metric as catalogued } from '../../../model/catalogue/index.js';
import type { LimitSource } from '../../../model/limits/limit.js';
import type { Domain } from '../../../model/reading.js';
import type { AlarmClass, Priority } from '../class.js';
import type { AlarmRule } from '../rule/rule.js';
import { above, alarm, causes, level, reaches, rulesOf } from './build.js';

const HOUR_S = 3_600;

/** An instrument watched for faults of its own; rule ids derive from `name`. */
export interface Instrument {
  readonly domain: Domain;
  readonly metric: string;
  readonly name: string;
  readonly alarmClass: AlarmClass;
  readonly source: LimitSource;
  readonly priority: Priority;
  /** Longest step between readings that counts as uninterrupted. */
  readonly maxGapS: number;
}

/** Name of a metric for people. */
export const metricLabels = ({ domain, metric }: Pick<Instrument, 'domain' | 'metric'>) => {
  const known = catalogued(domain, metric);
  return { zh: known?.labelZh ?? metric, en: known?.labelEn ?? metric };
};

const about = ({ domain, name, metric, alarmClass, source, maxGapS }: Instrument, what: string) =>
  rulesOf(domain, { alarmClass, maxGapS })(`${name}-${what}`, metric, source);

/** The value has not changed for `hours`: a frozen instrument, or a gateway that repeats its last reading. */
export function stuck(instrument: Instrument, hours: number): AlarmRule {
  const { zh, en } = metricLabels(instrument);
  return about(instrument, 'stuck')
    .when(reaches(alarm(instrument.priority, hours * HOUR_S)), { signal: { kind: 'unchanged' } })
    .says(`${zh}数值长时间不变`, `${en}: the value does not change`)
    .advises('检查仪表、采样管路和采集程序是否停滞', 'Check the instrument, its sampling line and the acquisition');
}

/** More than a quarter of the readings is not good; from half on the next priority. */
export function oftenBad(instrument: Instrument, windowHours: number, minReadings: number, worse: Priority): AlarmRule {
  const { zh, en } = metricLabels(instrument);
  return about(instrument, 'bad-data')
    .when(above(level('warning', instrument.priority, 25, 5), level('alarm', worse, 50, 10)), {
      signal: { kind: 'bad_share', windowS: windowHours * HOUR_S, minReadings },
    })
    .says(`${zh}无效数据比例过高`, `${en}: too many readings are not good`)
    .advises('查看数据标记，检修仪表及其通信', 'Look at the flags of the readings; repair the instrument or its line');
}

/** The series is missing from a device that sends others. */
export function missingSeries(instrument: Instrument, device: string): AlarmRule {
  const { zh, en } = metricLabels(instrument);
  return about(instrument, 'silent')
    .when(above(alarm(instrument.priority, 0)), { signal: { kind: 'silence' }, suppressedBy: causes('device', device) })
    .says(`${zh}无数据，同站其他仪表正常`, `${en} missing while the rest of the station is heard`)
    .advises('检查该仪表供电及其与数采仪的连接', 'Check the power of the instrument and its link to the data logger');
}
