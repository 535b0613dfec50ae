import { pick } from '../random.js';
import { moment, type Scenario, type Stage } from './stage.js';

/** One gateway loses its connection, goes on measuring, and sends the backlog when it is back. */
export const gatewayOutage: Scenario = {
  summary: 'one gateway goes offline, buffers what it measures, and sends the backlog',
  play({ fleet, live, truth, random, now, ...time }: Stage): void {
    const { link, site } = pick(fleet, random);
    const common = { scenario: 'gateway-outage', park: site.id, gateway: link.gateway };
    truth.record({ type: 'scenario', ...common, at: time.start });
    live.at(moment(time, 0.2), () => {
      link.cut();
      truth.record({ type: 'gateway_offline', ...common, at: now() });
    });
    live.at(moment(time, 0.6), () => {
      const [backlog, before] = [link.pending, link.stats.acknowledged];
      truth.record({ type: 'gateway_online', ...common, at: now(), backlog, dropped: link.stats.dropped });
      link
        .restore()
        .then(() => link.idle())
        .then(
          () => truth.record({ type: 'backlog_sent', ...common, at: now(), sent: link.stats.acknowledged - before }),
          (error: Error) => truth.record({ type: 'backlog_failed', ...common, at: now(), reason: error.message }),
        );
    });
  },
};
