/**
 * Logarithmic mean Divisia index, method I (LMDI-I: Ang, Energy Policy 33 (2005) 867): splits the change of a sum over
 * sectors, each the product of the same factors, among the factors, without residual.
 */

/** The factors of one sector, in the order of the effects; null where none is defined, as an intensity without output. */
type SectorFactors = readonly (number | null)[];

/** What each factor contributed. Units are those of the product of the factors. */
interface Decomposition {
  readonly total0: number;
  readonly total1: number;
  /** One for each factor; their sum is `total1 − total0`. */
  readonly additive: readonly number[];
  /** One for each factor, dimensionless; their product is `total1 / total0`. Null where a total is 0. */
  readonly multiplicative: readonly number[] | null;
  /** The additive effects of each sector, in the order given; groups of sectors may be summed. */
  readonly bySector: readonly (readonly number[])[];
}

/** The logarithmic mean of two positive numbers, `(a − b) / ln(a / b)`; 0 where one of them is 0, its limit. */
export function logarithmicMean(a: number, b: number): number {
  if (a === 0 || b === 0) return 0;
  const relative = (a - b) / b;
  return a === b ? a : (a - b) / (Math.abs(relative) < 0.5 ? Math.log1p(relative) : Math.log(a) - Math.log(b));
}

/**
 * Decomposes the change from year 0 to year 1 of `Σ sectors Π factors`.
 *
 * Zeros take the analytical limits (Ang & Liu, Energy Policy 35 (2007) 238; Wood & Lenzen, Energy Policy 34 (2006)
 * 1326), never a small constant. A sector that is 0 in both years contributes nothing. One that appears (0 → x)
 * contributes x by the factor that was 0, one that vanishes (x → 0) −x by the factor that becomes 0; several factors
 * that are 0 together share equally, as when they approach 0 at the same rate. A factor that is null in a year counts as
 * unchanged, so some other factor of that sector has to be 0 in that year.
 * @throws RangeError where sectors or factors do not match, a factor is negative or not finite, or one is null although
 *   no other factor of the sector is 0 in that year
 */
export function decompose(year0: readonly SectorFactors[], year1: readonly SectorFactors[]): Decomposition {
  if (year0.length !== year1.length) throw new RangeError('both years need the same sectors');
  const width = year0[0]?.length ?? 0;
  const bySector = year0.map((x0, i) => {
    const x1 = year1[i]!;
    if (x0.length !== width || x1.length !== width) throw new RangeError(`sector ${i} has another number of factors`);
    return sectorEffects(x0, x1, productOf(x0, i), productOf(x1, i));
  });
  const total0 = sum(year0.map(productOf));
  const total1 = sum(year1.map(productOf));
  const additive = Array.from({ length: width }, (_, k) => sum(bySector.map((effects) => effects[k]!)));
  const mean = logarithmicMean(total1, total0);
  const multiplicative = mean > 0 ? additive.map((effect) => Math.exp(effect / mean)) : null;
  return { total0, total1, additive, multiplicative, bySector };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function productOf(factors: SectorFactors, sector: number): number {
  const known = factors.filter((factor) => factor !== null);
  const product = known.reduce((value, factor) => value * factor, 1);
  if (known.some((factor) => !(factor >= 0 && Number.isFinite(factor))) || !Number.isFinite(product)) {
    throw new RangeError(`sector ${sector}: factors have to be finite numbers that are not negative`);
  }
  if (known.includes(0)) return 0;
  if (known.length < factors.length) throw new RangeError(`sector ${sector}: a factor is null and no other one is 0`);
  if (product === 0) throw new RangeError(`sector ${sector}: the product of the factors is too small for a number`);
  return product;
}

function sectorEffects(x0: SectorFactors, x1: SectorFactors, v0: number, v1: number): number[] {
  if (v0 === 0 || v1 === 0) {
    const vanished = v0 === 0 ? x0 : x1;
    const zeros = vanished.filter((factor) => factor === 0).length;
    return vanished.map((factor) => (factor === 0 && v1 !== v0 ? (v1 - v0) / zeros : 0));
  }
  const mean = logarithmicMean(v1, v0);
  return x0.map((from, k) => mean * (Math.log(x1[k]!) - Math.log(from!)));
}
