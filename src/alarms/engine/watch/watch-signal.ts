import { openSignal } from '../../model/signal/open.js';
import type { Signal, SignalContext, SignalMemory } from '../../model/signal/signal.js';
import type { Watch } from './watch.js';

/** The signal of the watch's rule, with what was stored of it; null for the value itself. */
export function signalOf(
  watch: Watch,
  memory: SignalMemory | null,
  baseline: SignalContext['baseline'],
): Signal | null {
  const { signal } = watch.rule;
  const context: SignalContext = {
    subject: watch.subject.key,
    get maxGapMs() {
      return watch.gapMs;
    },
    get evidence() {
      return watch.rule.evidence;
    },
    baseline,
  };
  return signal.kind === 'value' ? null : openSignal(signal, memory, context);
}
