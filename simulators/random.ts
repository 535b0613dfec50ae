/** Repeatable noise: every number is a pure function of a seed and a position, so that models need no history. */

/** A 32-bit seed from a text and a parent seed (FNV-1a, then a finalizer). */
export function seedOf(text: string, parent = 0): number {
  let hash = 0x811c9dc5 ^ parent;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** Uniform in [0, 1) at an integer position. */
export function unitAt(seed: number, n: number): number {
  return mix(seed ^ Math.imul(n | 0, 0x9e3779b1)) / 0x1_0000_0000;
}

/** Uniform in [-1, 1) at an integer position. */
export function noiseAt(seed: number, n: number): number {
  return 2 * unitAt(seed, n) - 1;
}

/** Noise in [-1, 1) that moves smoothly from one integer position to the next. */
export function smoothNoise(seed: number, x: number): number {
  const n = Math.floor(x);
  const u = x - n;
  const a = noiseAt(seed, n);
  return a + (noiseAt(seed, n + 1) - a) * u * u * (3 - 2 * u);
}

/** A stream of uniform numbers in [0, 1) (mulberry32). */
export function randomStream(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** One element of a list that is not empty. */
export function pick<T>(list: readonly T[], random: () => number): T {
  const item = list[Math.floor(random() * list.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

/** murmur3's finalizer: an unsigned 32-bit integer. */
function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
