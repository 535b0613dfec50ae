import { setTimeout as pause } from 'node:timers/promises';
import { buildFleet, closeAll, connectAll, type Fleet, fleetStats } from '../../../simulators/fleet.js';
import { GatewayLink } from '../../../simulators/link/gateway-link.js';
import { LivePublisher } from '../../../simulators/live.js';
import { type Provisioned, provision } from '../../../simulators/provision.js';
import { playScenarios } from '../../../simulators/run.js';
import type { ScenarioName } from '../../../simulators/scenario/index.js';
import { ServiceApi } from '../../../simulators/service-api.js';
import { Truth, type TruthRecord } from '../../../simulators/truth.js';
import { recordAfter } from '../../../simulators/verdict/collect.js';
import type { RecordedEvent } from '../../../simulators/verdict/recorded.js';
import { untilReady } from './api.js';
import { ADMIN_TOKEN, killWhileStarting, makeDataDir, type RunningService, startService } from './service.js';

/** Event time of a play: delays run in it, while hardly any time passes. */
const LENGTH_MS = 100_000;
/** How far event time is behind at most. Readings raise alarms up to two minutes late: the rest is for restarts. */
const BEHIND_MS = 85_000;
/** Event time of one step, and between two messages of one device. */
const STEP_MS = 100;
const INTERVAL_MS = 5_000;
/** Time that one round takes to play, and how long after its gateways have signed in the service is killed at most. */
const ROUND_MS = 800;
const LONGEST_KILL_MS = 600;
/** Share of the kills that do not wait until the gateways have signed in. */
const AT_ONCE = 0.25;
const SIGN_IN_MS = 3_000;
/** Share of the restarts that are killed too, before or about when the service listens. */
const KILLED_STARTING = 0.25;
const LONGEST_START_MS = 900;

export interface PlayOptions {
  readonly parks: readonly string[];
  readonly scenarios: readonly ScenarioName[];
  readonly seed: number;
  readonly random: () => number;
}

/**
 * Scenarios played against the built service, which is killed with SIGKILL and started again on the same data; the
 * gateways reconnect and send again what was not acknowledged. Event time is compressed: it begins in the recent past,
 * runs ahead of the clock's pace and never past the clock.
 */
export class KilledPlay {
  kills = 0;
  readonly records: TruthRecord[] = [];
  readonly truth = new Truth((record) => this.records.push(record));
  readonly fleet: Fleet;
  private readonly live: LivePublisher;
  private readonly start = Date.now() - BEHIND_MS;
  private now = this.start;

  private constructor(
    public service: RunningService,
    made: readonly Provisioned[],
    private readonly options: PlayOptions,
  ) {
    const now = () => this.now;
    const broker = () => `mqtt://${this.service.mqtt.host}:${this.service.mqtt.port}`;
    const links = new Map(
      made.map(({ site, gateway, secret }) => [
        site.id,
        new GatewayLink({ broker, park: site.id, gateway, secret, now, reconnectMs: 50, connectTimeoutMs: 5_000 }),
      ]),
    );
    const sites = made.map(({ site }) => site);
    this.fleet = buildFleet(sites, (park) => links.get(park)!, options.seed);
    this.live = new LivePublisher({ fleet: this.fleet, intervalMs: INTERVAL_MS, now, truth: this.truth });
  }

  static async begin(options: PlayOptions): Promise<KilledPlay> {
    const service = await startService({ dataDir: makeDataDir() });
    const { parks, seed } = options;
    const api = new ServiceApi(service.http, ADMIN_TOKEN);
    const made = await provision(api, { parks, seed, expectedIntervalS: INTERVAL_MS / 1_000 });
    const play = new KilledPlay(service, made, options);
    await connectAll(play.fleet);
    const { fleet, live, truth, start } = play;
    const stage = { fleet, live, truth, now: () => play.now, start, end: start + LENGTH_MS, compressed: true };
    playScenarios(options.scenarios, stage, seed);
    return play;
  }

  /** Plays up to a share of the time; the service is killed at some moment of it, and started again. */
  async round(share: number): Promise<void> {
    await Promise.all([this.playTo(share), this.killSomeTime()]);
  }

  /** Plays the rest and waits until everything is acknowledged. */
  async finish(): Promise<void> {
    await this.playTo(1);
    await Promise.all(this.fleet.map(({ link }) => link.idle()));
    await untilReady(this.service);
  }

  /** Every event of the service's record, in the order of its numbers. */
  record(): Promise<RecordedEvent[]> {
    return recordAfter(this.api, 0);
  }

  get api(): ServiceApi {
    return new ServiceApi(this.service.http, ADMIN_TOKEN);
  }

  get stats() {
    return { ...fleetStats(this.fleet), kills: this.kills, messages: this.live.stats.messages };
  }

  async close(): Promise<void> {
    await closeAll(this.fleet);
    await this.service.stop();
  }

  private async playTo(share: number): Promise<void> {
    const until = Math.max(Math.round(this.start + LENGTH_MS * share), Date.now() - BEHIND_MS);
    const stepPauseMs = (ROUND_MS * STEP_MS) / Math.max(STEP_MS, until - this.now);
    for (let owed = 0; this.now < until; ) {
      this.now = Math.min(until, this.now + STEP_MS);
      owed += Math.max(stepPauseMs, this.now - Date.now());
      if (owed >= 4) {
        await pause(owed);
        owed = 0;
      }
      this.live.tick();
    }
  }

  private async killSomeTime(): Promise<void> {
    const { random } = this.options;
    const giveUpAt = performance.now() + (random() < AT_ONCE ? 0 : SIGN_IN_MS);
    // One of them may be away.
    const signedIn = () => fleetStats(this.fleet).online >= this.fleet.length - 1;
    while (!signedIn() && performance.now() < giveUpAt) await pause(5);
    await pause(random() * LONGEST_KILL_MS);
    await this.killAndRestart();
  }

  private async killAndRestart(): Promise<void> {
    const { dataDir } = this.service;
    await this.service.kill();
    this.kills += 1;
    if (this.options.random() < KILLED_STARTING) await this.killWhileStarting(dataDir);
    this.service = await startService({ dataDir });
  }

  private async killWhileStarting(dataDir: string): Promise<void> {
    await killWhileStarting({ dataDir }, this.options.random() * LONGEST_START_MS);
    this.kills += 1;
  }
}
