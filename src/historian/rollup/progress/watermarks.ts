import type { ProgressFile } from './progress-file.js';

interface Values {
  /** Hours before this are rolled up. */
  rolledTo: number | null;
  /** There may be rows of hours up to here: of a roll that did not end. */
  rollingTo: number | null;
  /** Start of a day; those before it are rolled up. */
  daysTo: number | null;
  /** The first hour that was ever rolled up or out of date. */
  since: number | null;
  /** Raw readings before this are gone. */
  keptFrom: number | null;
}

const NAMES = ['rolledTo', 'rollingTo', 'daysTo', 'since', 'keptFrom'] as const satisfies (keyof Values)[];

/** How far the roll-ups are, epoch ms. */
export class Watermarks {
  private values: Readonly<Values>;

  constructor(private readonly progressFile: ProgressFile) {
    const values: Values = { rolledTo: null, rollingTo: null, daysTo: null, since: null, keptFrom: null };
    for (const name of NAMES) values[name] = progressFile.getNumber(name);
    this.values = values;
  }

  get now(): Readonly<Values> {
    return this.values;
  }

  /** Durable when it returns; nothing is changed when it throws. */
  move(to: Partial<Values> & { readonly zone?: string }): void {
    const { zone, ...values } = to;
    this.progressFile.atomically(() => {
      for (const name of NAMES) {
        const value = values[name];
        if (value !== undefined && value !== null) this.progressFile.setNumber(name, value);
      }
      if (zone !== undefined) this.progressFile.set('zone', zone);
    });
    this.values = { ...this.values, ...values };
  }
}
