import { type Fleet, fleetStats } from '../../simulators/fleet.js';
import { LivePublisher } from '../../simulators/live.js';
import { playScenarios, runLive } from '../../simulators/run.js';
import type { ScenarioName } from '../../simulators/scenario/index.js';
import { Truth, type TruthRecord } from '../../simulators/truth.js';
import type { DemoOptions } from './options.js';

/** The demo repeats these in turn; it plays the crowd once, because its people stay counted. */
const ROUND: readonly ScenarioName[] = ['fire', 'discharge-exceedance', 'gateway-outage'];

/** Runs the parks live; at any time one scenario plays. */
export async function demoLive(
  fleet: Fleet,
  options: DemoOptions,
  seed: number,
  context: { now: () => number; signal: AbortSignal; log: NodeJS.WritableStream },
): Promise<void> {
  const { now, signal, log } = context;
  const live = new LivePublisher({ fleet, intervalMs: options.interval * 1_000, now });
  const start = now();
  const playNext = (names: readonly ScenarioName[], round: number) => {
    const at = now();
    const end = at + options.scenarioTime;
    const truth = new Truth((record) => log.write(describe(record)));
    playScenarios(names, { fleet, live, truth, now, start: at, end }, seed + round);
    live.at(end, () => playNext([ROUND[(round + 1) % ROUND.length]!], round + 1));
  };
  if (options.scenarios) playNext(['fire', 'crowd'], 0);

  let shown = now();
  await runLive(live, {
    end: options.duration === undefined ? Number.POSITIVE_INFINITY : start + options.duration,
    signal,
    now,
    onSecond: () => {
      if (now() - shown < 30_000) return;
      shown = now();
      const { acknowledged } = live.stats;
      const { online, pending } = fleetStats(fleet);
      log.write(
        `live: ${acknowledged} messages stored, ${pending} pending, ${online}/${fleet.length} gateways online\n`,
      );
    },
  });
}

const ABOUT: Readonly<Record<string, (record: TruthRecord) => string>> = {
  scenario: (r) => `scenario ${r.scenario} in ${r.park}`,
  expected_alarm: (r) => `  ${r.device} ${r.metric} is ${r.value} (${r.condition})`,
  expected_normal: (r) => `  ${r.device} ${r.metric} is back at ${r.value}`,
  gateway_offline: (r) => `  ${r.gateway} goes offline`,
  gateway_online: (r) => `  ${r.gateway} is back with ${r.backlog} messages`,
};

function describe(record: TruthRecord): string {
  const about = ABOUT[record.type];
  return about === undefined ? '' : `${about(record)}\n`;
}
