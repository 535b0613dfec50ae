import { ServiceApi } from '../service-api.js';
import type { Truth } from '../truth.js';
import { headSeq, recordAfter } from './collect.js';
import { compareAlarms, type Difference } from './compare.js';
import type { RecordedEvent } from './recorded.js';

/** Result of a run's alarms. */
export interface Verdict {
  readonly differences: readonly Difference[];
  /** Expected alarms that came, and expected alarms that the run is too short to decide. */
  readonly asExpected: number;
  readonly undecided: number;
}

/** The service to check. */
interface CheckedService {
  readonly url: string;
  readonly token: string;
  /** The check covers only alarms of these parks and of their gateways. */
  readonly parks: ReadonlySet<string>;
}

/** Compares the service's record, from `begin` on, with the alarms that the run should cause. */
export class AlarmCheck {
  private readonly api: ServiceApi;

  private constructor(
    private readonly service: CheckedService,
    private readonly since: number,
  ) {
    this.api = new ServiceApi(service.url, service.token);
  }

  /** @throws ApiError */
  static async begin(service: CheckedService): Promise<AlarmCheck> {
    return new AlarmCheck(service, await headSeq(new ServiceApi(service.url, service.token)));
  }

  /** @throws ApiError, RecordError */
  async record(): Promise<RecordedEvent[]> {
    const events = await recordAfter(this.api, this.since);
    return events.filter(({ alarm }) => this.service.parks.has(alarm.park ?? ''));
  }

  /** Call it once all messages are acknowledged: the service has then evaluated them. @throws ApiError, RecordError */
  async verdict(truth: Truth): Promise<Verdict> {
    const expected = truth.alarms.list();
    const differences = compareAlarms(expected, await this.record());
    const wrong = new Set(differences.map(({ alarm }) => alarm));
    const undecided = expected.filter(({ events }) => events === null).length;
    const asExpected = expected.filter(({ rule, device, events }) => events && !wrong.has(`${rule}:${device}`)).length;
    return { differences, asExpected, undecided };
  }
}

/** The verdict for people. */
export function verdictText({ differences, asExpected, undecided }: Verdict): string {
  const lines = differences.map(({ kind, alarm, what }) => `  ${kind.replaceAll('_', ' ')}: ${alarm}: ${what}`);
  const rest = undecided === 0 ? '' : `, ${undecided} that the time was too short to tell`;
  const right = `${asExpected} ${asExpected === 1 ? 'alarm' : 'alarms'} as the ground truth has them${rest}`;
  if (lines.length === 0) return `alarms: ${right}; none that it does not\n`;
  return `alarms: ${right}; ${lines.length} ${lines.length === 1 ? 'difference' : 'differences'}\n${lines.join('\n')}\n`;
}
