import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openRegistry, type RegistryOptions } from '../../../src/registry/open.js';
import type { Registry } from '../../../src/registry/port.js';
import { migrations } from '../../../src/registry/schema.js';
import { openState } from '../../../src/state/open.js';
import type { State } from '../../../src/state/port.js';
import { tempDir } from '../../helpers/temp.js';

export const PARK = 'oh-diandu';
export const OTHER_PARK = 'lc-xiedu-1';
export const START = Date.parse('2026-11-23T08:00:00+08:00');

export interface TestRegistry {
  readonly registry: Registry;
  readonly state: State;
  readonly path: string;
  /** The time, to be moved by the test. */
  readonly clock: { now: number };
  /** Closes and opens again, as a restart does; `kill` leaves out what a clean stop writes. */
  restart(options?: Partial<RegistryOptions> & { kill?: boolean }): TestRegistry;
}

/** A registry on a state file of its own; it ends with the test. */
export function openTestRegistry(options: Partial<RegistryOptions> = {}): TestRegistry {
  return open(join(tempDir(), 'park.sqlite'), { now: START }, options);
}

function open(path: string, clock: { now: number }, options: Partial<RegistryOptions>): TestRegistry {
  const state = openState(path, { registry: migrations });
  const registry = openRegistry(state, { clock: () => clock.now, discovery: true, ...options });
  let closed = false;
  const close = (kill = false) => {
    if (closed) return;
    closed = true;
    if (!kill) registry.close();
    state.close();
  };
  onTestFinished(() => close());
  return {
    registry,
    state,
    path,
    clock,
    restart({ kill, ...changed } = {}) {
      close(kill);
      return open(path, clock, { ...options, adminToken: undefined, ...changed });
    },
  };
}

/** Makes the disk full: the file may not grow any more. */
export function fillDisk({ state }: TestRegistry): void {
  state.db.pragma(`max_page_count = ${state.db.pragma('page_count', { simple: true })}`);
}

export function freeDisk({ state }: TestRegistry): void {
  state.db.pragma('max_page_count = 1000000000');
}

/** Resolves when everything that joined the next group commit is decided. */
export async function committed({ state }: TestRegistry): Promise<void> {
  await state.commit(() => undefined).catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
}
