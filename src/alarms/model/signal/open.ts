import { canonicalJson } from '../../../model/canonical-json.js';
import type { Reading } from '../../../model/reading.js';
import { BadShareSignal } from './bad-share.js';
import { DeviationSignal } from './deviation.js';
import { RateSignal } from './rate.js';
import type { Signal, SignalContext, SignalMemory } from './signal.js';
import type { SignalSpec } from './spec.js';
import { CounterStillSignal, UnchangedSignal } from './still.js';
import { VoteSignal } from './vote.js';

/** Hands the value through: readings of `value` are judged by the caller, those of `silence` are made by it. */
const AS_IT_IS: Signal = { measure: (reading: Reading) => reading.value, save: () => null };

/**
 * Opens a signal where `memory` left it. A memory of another specification, or one that cannot be read, is not used:
 * the signal then starts anew, as after a change of the rule.
 */
export function openSignal(spec: SignalSpec, memory: SignalMemory | null, context: SignalContext): Signal {
  if (spec.kind === 'value' || spec.kind === 'silence') return AS_IT_IS;
  if (spec.kind === 'deviation') return new DeviationSignal(spec, context);
  const fingerprint = fingerprintOf(spec);
  const known = memory !== null && memory.spec === fingerprint && memory.numbers.every(Number.isFinite) ? memory : null;
  switch (spec.kind) {
    case 'rate':
      return new RateSignal(spec, context, fingerprint, known);
    case 'unchanged':
      return new UnchangedSignal(spec, context, fingerprint, known);
    case 'counter_still':
      return new CounterStillSignal(context, fingerprint, known);
    case 'bad_share':
      return new BadShareSignal(spec, context, fingerprint, known);
    case 'vote':
      return new VoteSignal(spec, context, fingerprint, known);
  }
}

const fingerprints = new WeakMap<SignalSpec, string>();

/** FNV-1a over the specification's JSON with its keys sorted; remembered, since many subjects share a rule. */
function fingerprintOf(spec: SignalSpec): string {
  const known = fingerprints.get(spec);
  if (known !== undefined) return known;
  const text = canonicalJson(spec);
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  const fingerprint = `${spec.kind}-${hash.toString(16)}`;
  fingerprints.set(spec, fingerprint);
  return fingerprint;
}
