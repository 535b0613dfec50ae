/** One value of a metric at scrape time. */
interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A metric that reads its samples from a component when Prometheus scrapes. Base units: seconds, bytes. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge';
  readonly labels?: readonly string[];
  samples(): Iterable<Sample>;
}

/** A total since the start; the name ends in `_total`. */
export function counter(name: string, help: string, value: () => number): Family {
  return { name: `park_${name}_total`, help, kind: 'counter', samples: () => [{ value: value() }] };
}

/** A value that rises and falls. */
export function gauge(name: string, help: string, value: () => number): Family {
  return { name: `park_${name}`, help, kind: 'gauge', samples: () => [{ value: value() }] };
}

type NumberKey<S> = { [K in keyof S]-?: S[K] extends number | undefined ? K : never }[keyof S];

/** For `counter` and `gauge`: one number of what `stats` tells when it is asked, 0 where it is left out. */
export const numberOf =
  <S extends object>(stats: () => S) =>
  (key: NumberKey<S>) =>
  (): number =>
    (stats()[key] as number | undefined) ?? 0;

/** A counter or gauge with one label; entries are label value and number. */
export function labelled(
  kind: Family['kind'],
  name: string,
  help: string,
  label: string,
  entries: () => Iterable<readonly [string, number]>,
): Family {
  return {
    name: kind === 'counter' ? `park_${name}_total` : `park_${name}`,
    help,
    kind,
    labels: [label],
    *samples() {
      for (const [text, value] of entries()) yield { labels: { [label]: text }, value };
    },
  };
}
