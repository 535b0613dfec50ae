import { onTestFinished } from 'vitest';
import { buildFleet, closeAll, connectAll } from '../../../simulators/fleet.js';
import { GatewayLink } from '../../../simulators/link/gateway-link.js';
import { LivePublisher } from '../../../simulators/live.js';
import type { ParkSite } from '../../../simulators/model/industry.js';
import { playScenarios } from '../../../simulators/run.js';
import type { ScenarioName } from '../../../simulators/scenario/index.js';
import { Truth, type TruthRecord } from '../../../simulators/truth.js';

export interface Login {
  readonly gateway: string;
  readonly secret: string;
}

export interface PlayOptions {
  readonly broker: string;
  readonly sites: readonly ParkSite[];
  readonly loginOf: (park: string) => Login;
  readonly scenarios?: readonly ScenarioName[];
  readonly start: number;
  readonly lengthMs?: number;
  readonly intervalMs?: number;
  readonly seed?: number;
}

/** Plays scenarios over a real broker in a time of the test's own: no second of it is waited for. */
export async function rehearse(options: PlayOptions) {
  const { broker, sites, loginOf, scenarios = [], start, lengthMs = 120_000, intervalMs = 10_000, seed = 1 } = options;
  let time = start;
  const now = () => time;
  const links = new Map(
    sites.map((site) => [
      site.id,
      new GatewayLink({ broker, park: site.id, ...loginOf(site.id), now, reconnectMs: 20 }),
    ]),
  );
  const fleet = buildFleet(sites, (park) => links.get(park)!, seed);
  await connectAll(fleet);
  onTestFinished(() => closeAll(fleet));
  const records: TruthRecord[] = [];
  const truth = new Truth((record) => records.push(record));
  const live = new LivePublisher({ fleet, intervalMs, now, truth });
  playScenarios(scenarios, { fleet, live, truth, now, start, end: start + lengthMs }, seed);
  return {
    fleet,
    live,
    truth,
    records,
    of: (type: string) => records.filter((record) => record.type === type),
    /** Lets time pass to a share of the scenario, a tenth of a second at a time. */
    async playTo(share: number): Promise<void> {
      const until = start + lengthMs * share;
      while (time < until) {
        time = Math.min(until, time + 100);
        live.tick();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    idle: () => Promise.all(fleet.map(({ link }) => link.idle())),
  };
}
