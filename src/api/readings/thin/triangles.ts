import { LTTBIndexesForBuckets } from 'downsample/methods/LTTB.js';

/**
 * Which `points` of more points make the same picture: the largest triangles of three buckets (Steinarsson 2013). Rising
 * indices, the first and the last point among them. The library's own buckets lose the last point where their lengths
 * are not exact in floating point, so they are cut here, in whole numbers.
 */
export function largestTriangles(x: Float64Array, y: Float64Array, points: number): readonly number[] {
  const scale = greatest(y);
  const bucket = (from: number, to: number) => {
    const pairs: [number, number][] = [];
    // Near zero, where no area leaves the numbers: the picture is the same at any scale.
    for (let i = from; i < to; i += 1) pairs.push([x[i]! - x[0]!, y[i]! / scale]);
    return pairs;
  };
  const between = x.length - 2;
  const edge = (n: number) => 1 + Math.floor((n * between) / (points - 2));
  const buckets = [bucket(0, 1)];
  for (let n = 0; n < points - 2; n += 1) buckets.push(bucket(edge(n), edge(n + 1)));
  buckets.push(bucket(x.length - 1, x.length));
  return LTTBIndexesForBuckets(buckets);
}

function greatest(values: Float64Array): number {
  let most = 0;
  for (const value of values) if (Math.abs(value) > most) most = Math.abs(value);
  return most || 1;
}
