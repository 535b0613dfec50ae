import type { WindowChunk, WindowQuery } from '../port.js';
import type { RollupKeeper } from './keeper.js';
import type { RollupSource, RollupStore } from './port.js';

export interface PlannerParts {
  readonly keeper: RollupKeeper;
  readonly store: RollupStore;
  readonly source: RollupSource;
}

/**
 * Answers a window query from roll-ups as far as they go, and from raw readings beyond. Windows whose edges are not all
 * whole hours are left to `raw`, except `delta` and `time_weighted_mean`, which need what came before the first window.
 */
export declare function plannedWindows(
  parts: PlannerParts,
  query: WindowQuery,
  raw: (query: WindowQuery) => AsyncIterable<WindowChunk>,
): AsyncIterable<WindowChunk>;

/** The same for any windows and functions from raw readings alone: what an adapter without its own `raw` hands over. */
export declare function foldedWindows(parts: PlannerParts, query: WindowQuery): AsyncIterable<WindowChunk>;
