import fc from 'fast-check';
import { metric } from '../../../../src/model/catalogue/index.js';

const HOUR_MS = 3_600_000;
export const STEP = 15 * 60_000;
export const ENERGY = metric('energy', 'import_energy_kwh')!;

type Shape = 'steady' | 'bursty' | 'idle' | 'night idle' | 'trickle';
type Glitch = 'zero' | 'low' | 'high' | 'stuck' | 'runs on low' | 'runs on high' | 'near' | 'wavers';

interface Spell {
  readonly after: number;
  readonly length: number;
  readonly kind: Glitch | 'restart' | 'exchange' | 'gap';
  readonly far: readonly number[];
}

/** What is read of a meter, and what it truly consumed. */
export interface History {
  readonly of: typeof ENERGY;
  readonly points: readonly (readonly [ts: number, value: number])[];
  readonly readings: readonly number[];
  readonly truth: number;
  /** Consumed where the register restarted or was exchanged, or passed its modulus beside a glitch: no reading tells what. */
  readonly hidden: number;
  /** What may pass for steps: as much as is usual in a step, by the metric where nothing else is known yet. */
  readonly unknown: number;
  /** The most it consumed in a step. */
  readonly peak: number;
}

/** Readings that rise between two odd spells: as many decide any doubt. */
const SETTLES = 5;
/** As many rises until a meter is known whose first reading was odd. */
const KNOWN = 12;
/** Steps after the last odd reading: what was counted of it by mistake is made up for. */
const TAIL = 200;
/** So many steps are no consumption. */
const FAR = 150;
/** A usual rate is a power of two, and a step of twice the usual is nothing odd: so many true steps. */
const LOW = 4;

const share = fc.integer({ min: 3, max: 97 }).map((percent) => percent / 100);

const spell: fc.Arbitrary<Spell> = fc.record({
  after: fc.integer({ min: SETTLES + 1, max: 20 }),
  length: fc.integer({ min: 1, max: 3 }),
  kind: fc.constantFrom<Spell['kind']>(
    ...(['zero', 'low', 'high', 'stuck', 'runs on low', 'runs on high', 'near', 'wavers'] as const),
    ...(['restart', 'exchange', 'gap'] as const),
  ),
  far: fc.array(share, { minLength: 3, maxLength: 3 }),
});

function use(shape: Shape, i: number, busy: boolean, percent: number): number {
  if (busy || shape === 'steady') return percent;
  if (shape === 'bursty') return percent % 3 === 0 ? 100 : 0;
  if (shape === 'idle') return percent % 8 === 0 ? percent : 0;
  if (shape === 'trickle') return percent % 8 === 0 ? percent : percent / 10;
  return i % 16 < 8 ? percent : 0;
}

/**
 * A meter of some size that is idle, steady, bursty or idle at night, and odd spells of it: up to three glitches in a
 * row, a restart from zero in the middle of a step, an exchange for a meter with another total, a gap. Between them it
 * is right, and rises, for as many readings as decide any doubt; it begins so as well, unless its first reading is odd.
 */
export const history: fc.Arbitrary<History> = fc
  .record({
    peak: fc.constantFrom(0.3, 5, 80, 300),
    size: fc.constantFrom(2_000, 30_000, 1e6, Number.POSITIVE_INFINITY),
    shape: fc.constantFrom<Shape>('steady', 'bursty', 'idle', 'night idle', 'trickle'),
    start: fc.oneof(share, fc.integer({ min: -60, max: -10 })),
    percents: fc.array(fc.integer({ min: 20, max: 100 }), { minLength: 16, maxLength: 90 }),
    spells: fc.array(spell, { maxLength: 4 }),
    oddFirst: fc.boolean(),
  })
  .map(({ peak, size, shape, start, percents, spells, oddFirst }) => {
    const rollover = Number.isFinite(size) ? peak * size : undefined;
    const { rollover: _, ...unbounded } = ENERGY;
    const of = rollover === undefined ? unbounded : { ...unbounded, rollover };
    const modulus = rollover ?? Number.POSITIVE_INFINITY;
    const top = Math.min(modulus, peak * 1e6);
    const steps = [...percents, ...Array.from({ length: TAIL }, (_, i) => 20 + ((i * 37) % 80))];

    const odd = new Map<number, { spell: Spell; nth: number }>();
    const after = new Set<number>();
    let at = oddFirst ? 0 : SETTLES;
    for (const [n, one] of spells.entries()) {
      const first = n === 0 && oddFirst;
      at += first ? 0 : one.after + (oddFirst && n === 1 ? KNOWN - SETTLES : 0);
      const length = ['restart', 'exchange', 'gap'].includes(one.kind) || first ? 1 : one.length;
      if (at + length > percents.length) break;
      for (let nth = 0; nth < length; nth += 1) odd.set(at + nth, { spell: one, nth });
      at += length;
      for (let n = -1; n <= SETTLES; n += 1) after.add(at + n);
    }

    let register = start < 0 ? top + start * peak : top * 0.9 * start;
    // A glitch that begins or ends within twice the usual step of the line passes for a step of it.
    const passes = odd.size > 0 ? LOW * peak : 0;
    let [ts, truth, hidden, unknown] = [0, 0, passes, passes];
    const points: [number, number][] = [];
    for (let i = 0; i <= steps.length; i += 1) {
      const busy = i <= (oddFirst ? KNOWN : SETTLES) || i > percents.length || after.has(i);
      const { spell: event, nth = 0 } = odd.get(i) ?? {};
      const gap = event?.kind === 'gap' ? Math.ceil(event.far[0]! * 200) : 1;
      const consumed = i === 0 ? 0 : (gap * peak * use(shape, i, busy, steps[i - 1]!)) / 100;
      if (i > 0) ts += gap * STEP;
      truth += consumed;
      const far = event?.far[nth] ?? 0;
      let next = (register + consumed) % modulus;
      if (event?.kind === 'restart') next = consumed * far;
      if (event?.kind === 'exchange') next = top * far;
      // What is not far away, as steps go, is a step.
      const isFar = Math.min(Math.abs(next - register), modulus - register) > FAR * peak;
      if (i > 0 && isFar && (event?.kind === 'restart' || event?.kind === 'exchange')) hidden += consumed;
      else next = (register + consumed) % modulus;
      register = next;
      if ((event !== undefined || odd.has(i - 1)) && register < 2 * LOW * peak) {
        unknown += LOW * peak;
        hidden += LOW * peak;
      }
      points.push([ts, event === undefined ? register : misread(event, nth, register, peak, top, points)]);
      // What the meter did before the first right reading is not known.
      if (i > 0 && i <= SETTLES && oddFirst && odd.has(0)) {
        hidden += consumed;
        if (i === 1 && points[0]![1] < register) unknown += (ENERGY.usualRatePerHour! * STEP) / HOUR_MS;
      }
    }
    return { of, points, readings: points.map(([, value]) => value), truth, hidden, unknown, peak };
  });

function misread(
  { kind, far }: Spell,
  nth: number,
  value: number,
  peak: number,
  top: number,
  read: [number, number][],
) {
  const share = far[nth]!;
  const onFrom = (first: number) => Math.min(top, nth === 0 ? first : read.at(-1)![1] + share * peak);
  switch (kind) {
    case 'zero':
      return 0;
    case 'low':
      return value * share;
    case 'high':
      return value + (top - value) * share;
    case 'stuck':
      return nth === 0 ? top * share : read.at(-1)![1];
    case 'runs on low':
      return onFrom(value * share);
    case 'runs on high':
      return onFrom(value + (top - value) * share);
    case 'near':
      return Math.min(top, Math.max(0, value + (share - 0.5) * 40 * peak));
    case 'wavers':
      return Math.max(0, value - 0.02 * share);
    default:
      return value;
  }
}
