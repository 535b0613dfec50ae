import type { Reading } from '../../reading.js';
import type { SignalSpec } from './spec.js';

export type SignalMemory = unknown;
export interface SignalContext {
  readonly gapMs: () => number;
  readonly baseline: (device: string, metric: string, at: number) => number | null;
}
export interface Signal {
  take(reading: Reading, at: number, device: string): number | null;
  save(): SignalMemory | null;
}
export function openSignal(spec: SignalSpec, _memory: SignalMemory | null, _context: SignalContext): Signal {
  throw new Error(`not there yet: ${spec.kind}`);
}
