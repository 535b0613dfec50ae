import { LivenessBook } from '../../../../src/alarms/absence/liveness-book.js';
import { AbsenceObserver, type AbsenceObserverOptions } from '../../../../src/alarms/absence/observer.js';
import type { AlarmOptions } from '../../../../src/alarms/engine/running.js';
import { deviceOf } from '../../../../src/model/ids.js';
import type { Device, Gateway } from '../../../../src/registry/port.js';
import { entryOf, type Message, PARK, Run, T0, type Values } from '../helpers.js';

export const S = 1_000;
const NEVER = 3_600_000;

interface Sensor {
  readonly device: Device;
  /** Null once it sends nothing more. */
  values: Values | null;
  readonly everyS: number;
}

/** What outlives a restart of the service: gateways, devices, and the two clocks. */
export class World {
  readonly gateways = new Map<string, Gateway & { online: boolean; lastSeenAt: number | null }>();
  readonly sensors = new Map<string, Sensor>();
  /** Gateways that say nothing though they are connected. */
  readonly mute = new Set<string>();
  /** Seconds on the clock that does not jump, and how far the other one is from it. */
  nowS = 0;
  jumpedMs = 0;

  gateway(id: string, park = PARK): this {
    const known = { id, park, name: id, createdAt: T0, secretRotatedAt: T0, online: true, lastSeenAt: T0 };
    this.gateways.set(id, known);
    return this;
  }

  sensor(
    id: string,
    gateway: string,
    more: Partial<Device> = {},
    values: Values = { smoke_alarm: false },
    everyS = 20,
  ) {
    const park = this.gateways.get(gateway)!.park;
    const device: Device = {
      ...{ id, park, domain: 'fire', gateway, name: id, place: null, enterprise: null, limitProfile: null },
      ...{ expectedIntervalS: everyS, origin: 'registered', createdAt: T0, ...more },
    };
    this.sensors.set(id, { device, values, everyS });
    return this;
  }

  wallClock = () => T0 + this.nowS * S + this.jumpedMs;

  online(id: string, online: boolean): void {
    Object.assign(this.gateways.get(id)!, { online, lastSeenAt: this.wallClock() });
  }

  registry(): AbsenceObserverOptions['registry'] {
    return {
      gateway: (id) => this.gateways.get(id),
      gateways: () => [...this.gateways.values()],
      device: (key) => this.sensors.get(deviceOf(key))?.device,
      devices: () => Array.from(this.sensors.values(), ({ device }) => device),
    };
  }

  /** What the sensors whose gateway is there send now. */
  due(): Message[] {
    return [...this.sensors.values()].flatMap(({ device, values, everyS }) => {
      const { id, domain, park, gateway } = device;
      const there = gateway !== null && this.gateways.get(gateway)?.online === true && !this.mute.has(gateway);
      return values !== null && there && this.nowS % everyS === 0
        ? [{ domain, device: id, park, ts: this.wallClock(), values }]
        : [];
    });
  }
}

/** One run of the service over a world, its watch looking every five seconds. */
export class Setup {
  refusing = false;

  private constructor(
    readonly world: World,
    readonly run: Run,
    readonly watch: AbsenceObserver,
  ) {}

  static async start(
    world: World,
    dir: string,
    { maxDevices, ...options }: Partial<AlarmOptions & AbsenceObserverOptions & { maxDevices: number }> = {},
  ): Promise<Setup> {
    const registry = world.registry();
    const run = await Run.start(dir, { clock: world.wallClock, registry, ...options });
    const { alarms, journal, state } = run;
    const heard = new LivenessBook({
      ...{ registry, state },
      ...(maxDevices !== undefined && { maxDevices }),
    });
    const watch = new AbsenceObserver({
      ...{
        alarms,
        journal,
        registry,
        devices: heard,
        clock: world.wallClock,
        uptime: () => world.nowS * S,
        everyMs: NEVER,
      },
      refusing: () => setup.refusing,
      ...options,
    });
    const setup: Setup = new Setup(world, run, watch);
    return setup;
  }

  async send(messages: readonly Message[]): Promise<void> {
    const gatewayOf = (id: string) => this.world.sensors.get(id)?.device.gateway ?? 'gw-1';
    await Promise.all(
      messages.map((message) => {
        const entry = entryOf({ receivedAt: this.world.wallClock(), ...message });
        const gateway = gatewayOf(message.device);
        return this.run.journal.append({ ...entry, gateway, decoded: { ...entry.decoded!, gateway } });
      }),
    );
  }

  /** Lets the world go on; returns what was told meanwhile as `seconds event alarm`. */
  async for(seconds: number): Promise<string[]> {
    const before = this.run.published.length;
    for (const end = this.world.nowS + seconds; this.world.nowS < end; ) {
      this.world.nowS += 5;
      await this.send(this.world.due());
      this.watch.look();
    }
    return this.run.published.slice(before).map(({ event, alarm }) => `${event} ${alarm.id}`);
  }

  standing(): string[] {
    return this.run.alarms
      .standing()
      .filter(({ active }) => active)
      .map(({ id }) => id)
      .sort();
  }

  async stop(): Promise<void> {
    await this.watch.stop();
    await this.run.stop();
  }

  /** As a power cut leaves it; what is in a commit under way is there or not. */
  crash(): void {
    this.run.crash();
  }
}
