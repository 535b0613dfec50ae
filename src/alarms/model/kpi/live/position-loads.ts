import { HOUR_MS, SECOND_MS } from '../../../../model/time/duration.js';
import { isAnnunciation } from '../../transition.js';
import { covers, type KpiEvent, type OperatorPosition } from '../event.js';
import { SteadyClock, WindowCount } from './counts.js';
import { type FloodChange, FloodDetector } from './flood.js';

/** Most positions watched. */
export const MAX_POSITIONS = 100;

export interface PositionFlood extends FloodChange {
  readonly position: string;
}

export interface PositionLoad {
  readonly last10Min: number;
  readonly lastHour: number;
  readonly flood: boolean;
}

interface WatchedPosition {
  readonly position: OperatorPosition;
  readonly flood: FloodDetector;
  readonly hour: WindowCount;
}

/** The present load of each operator position, from live events. The positions fix the memory. */
export class PositionLoads {
  readonly #watches: readonly WatchedPosition[];
  readonly #clock = new SteadyClock();

  /** @throws RangeError when there are more than MAX_POSITIONS */
  constructor(positions: readonly OperatorPosition[]) {
    if (positions.length > MAX_POSITIONS) throw new RangeError(`at most ${MAX_POSITIONS} positions are watched`);
    this.#watches = positions.map((position) => ({
      position,
      flood: new FloodDetector(),
      hour: new WindowCount(HOUR_MS / SECOND_MS),
    }));
  }

  /** Applies an event; returns the positions at which a flood began or ended. */
  append(event: KpiEvent): PositionFlood[] {
    if (!isAnnunciation(event.event)) return this.tick(event.at);
    const at = this.#clock.read(event.at);
    return this.#each(({ position, flood, hour }) => {
      hour.advance(at);
      if (!covers(position, event)) return flood.tick(at);
      hour.add();
      return flood.append(at);
    });
  }

  tick(now: number): PositionFlood[] {
    const at = this.#clock.read(now);
    return this.#each(({ flood, hour }) => {
      hour.advance(at);
      return flood.tick(at);
    });
  }

  /** By name of the position, as of the last call. */
  loads(): ReadonlyMap<string, PositionLoad> {
    return new Map(
      this.#watches.map(({ position, flood, hour }) => [
        position.name,
        { last10Min: flood.rate, lastHour: hour.total, flood: flood.flood !== null },
      ]),
    );
  }

  #each(step: (watch: WatchedPosition) => FloodChange | null): PositionFlood[] {
    const changes: PositionFlood[] = [];
    for (const watch of this.#watches) {
      const change = step(watch);
      if (!change) continue;
      const { flood } = change;
      const to = flood.to === null ? null : this.#clock.toClock(flood.to);
      changes.push({
        position: watch.position.name,
        event: change.event,
        flood: { ...flood, from: this.#clock.toClock(flood.from), to },
      });
    }
    return changes;
  }
}
