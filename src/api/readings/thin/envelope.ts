type Column = Float64Array | Uint8Array;

/** Rows of one series as columns: time first, then the value, then the others. */
export type RowColumns = readonly Column[];

/** Most rows kept per requested point: enough for the same triangles as from all rows. */
const KEPT_PER_POINT = 16;

/**
 * The outline of a series of any length, in memory for a few times the requested points: of each run of equally many
 * rows the first, the least, the greatest and the last (as MinMaxLTTB does), with runs that grow as rows come. The
 * result depends on the rows alone, not on their chunks.
 */
export class Envelope {
  private readonly most: number;
  private columns: RowColumns = [];
  /** Index of each kept row in the series. */
  private numbers = new Float64Array(0);
  private kept = 0;
  private seen = 0;
  /** Rows in a run. */
  private run = 1;

  constructor(points: number) {
    this.most = KEPT_PER_POINT * points;
  }

  push(rows: RowColumns): void {
    const length = rows[0]!.length;
    this.grow(rows, this.kept + length);
    for (let from = 0; from < length; ) {
      const end = Math.min(length, from + this.most - this.kept);
      for (const [c, column] of this.columns.entries()) column.set(rows[c]!.subarray(from, end), this.kept);
      for (; from < end; from += 1) this.numbers[this.kept++] = this.seen++;
      if (this.kept === this.most) this.makeRoom();
    }
  }

  /** The rows kept; all of the series if they fit. */
  done(): RowColumns {
    if (this.run > 1) this.thin();
    return this.columns.map((column) => column.slice(0, this.kept));
  }

  private grow(rows: RowColumns, needed: number): void {
    if (this.numbers.length >= Math.min(needed, this.most)) return;
    const room = Math.min(this.most, Math.max(needed, 2 * this.numbers.length));
    const before = [this.numbers, ...this.columns];
    this.numbers = new Float64Array(room);
    this.columns = rows.map((row) => (row instanceof Uint8Array ? new Uint8Array(room) : new Float64Array(room)));
    for (const [c, column] of [this.numbers, ...this.columns].entries()) column.set(before[c] ?? []);
  }

  private makeRoom(): void {
    this.thin();
    while (this.kept > this.most / 2) {
      this.run *= 2;
      this.thin();
    }
  }

  private thin(): void {
    const value = this.columns[1]!;
    const end = this.kept;
    this.kept = 0;
    for (let from = 0; from < end; ) {
      const behind = (Math.floor(this.numbers[from]! / this.run) + 1) * this.run;
      let [least, greatest, next] = [from, from, from + 1];
      for (; next < end && this.numbers[next]! < behind; next += 1) {
        if (value[next]! < value[least]!) least = next;
        if (value[next]! > value[greatest]!) greatest = next;
      }
      const last = next - 1;
      this.keep(from);
      for (const i of least < greatest ? [least, greatest] : [greatest, least]) {
        if (i > from && i < last) this.keep(i);
      }
      if (last > from) this.keep(last);
      from = next;
    }
  }

  private keep(i: number): void {
    for (const column of this.columns) column[this.kept] = column[i]!;
    this.numbers[this.kept++] = this.numbers[i]!;
  }
}
