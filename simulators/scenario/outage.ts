import { readingsTopic } from '../../src/model/wire/topic.js';
import { rfc3339 } from '../live.js';
import { declareByClock } from './declare.js';
import { chooseGateway, moment, type Scenario, type Stage } from './stage.js';

/** Shares of the scenario's time at which the gateway goes offline and returns. */
const [AWAY, BACK] = [0.2, 0.6];
/** Seconds offline after which a gateway counts as down, and seconds for the service to notice. */
const [DOWN_S, NOTICED_S] = [120, 15];
/** What the logger kept, in minutes before now: all older than the live window, with smoke in the middle. */
const KEPT_MIN = { from: 30, smoke: 20, clear: 10, to: 3 } as const;
const KEPT_EVERY_MS = 10_000;

/**
 * One gateway loses its connection, continues to measure, and sends its backlog after the reconnect, together with
 * older data of a logger behind it: smoke that is long over, which is history and no alarm.
 */
export const gatewayOutage: Scenario = {
  summary: 'one gateway goes offline, buffers what it measures, and sends the backlog, old smoke among it',
  play(stage: Stage): void {
    const { live, truth, now, ...time } = stage;
    const { link, site } = chooseGateway(stage);
    const common = { scenario: 'gateway-outage', park: site.id, gateway: link.gateway };
    truth.record({ type: 'scenario', ...common, at: time.start });
    const [away, back] = [moment(time, AWAY), moment(time, BACK)];
    const rises = [{ level: 'alarm', from: away, delayS: DOWN_S }];
    declareByClock(
      stage,
      { park: site.id, device: link.gateway, rule: 'gateway-offline', rises, end: back },
      NOTICED_S,
    );
    live.at(away, () => {
      link.cut();
      truth.record({ type: 'gateway_offline', ...common, at: now() });
    });
    live.at(back, () => {
      const device = `${site.id}-logger-01`;
      const items = kept(now());
      void link.publish(readingsTopic(site.id, 'fire', device), JSON.stringify(items));
      truth.record({ type: 'expected_history', ...common, device, metric: 'smoke_alarm', count: items.length });
      const [backlog, before] = [link.pending, link.stats.acknowledged];
      truth.record({ type: 'gateway_online', ...common, at: now(), backlog, dropped: link.stats.dropped });
      link
        .restore()
        // The broker refuses or is unreachable: the link tries again by itself.
        .catch((error: Error) => truth.record({ type: 'restore_failed', ...common, at: now(), reason: error.message }))
        .then(() => link.idle())
        .then(() => {
          truth.record({ type: 'backlog_sent', ...common, at: now(), sent: link.stats.acknowledged - before });
        });
    });
  },
};

function kept(now: number) {
  const before = (minutes: number) => now - minutes * 60_000;
  const items: { readonly ts: string; readonly values: { readonly smoke_alarm: boolean } }[] = [];
  for (let ts = before(KEPT_MIN.from); ts < before(KEPT_MIN.to); ts += KEPT_EVERY_MS) {
    const smoke = ts >= before(KEPT_MIN.smoke) && ts < before(KEPT_MIN.clear);
    items.push({ ts: rfc3339(ts), values: { smoke_alarm: smoke } });
  }
  return items;
}
