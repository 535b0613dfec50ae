/** Of the connections there may be, the share that may be over them to take the place of an own one. */
const SPARE = 1 / 50;
/** Of the connections there may be, the share that one address may have that are not signed in. */
const STRANGERS_SHARE = 1 / 2;

/** Counts connections: all, and those of each address that have not signed in. */
export class Connections {
  private count = 0;
  private readonly strangers = new Map<string, number>();

  constructor(private readonly limit: number) {}

  /** Whether only such may sign in as take the place of another. */
  get crowded(): boolean {
    return this.count > this.limit;
  }

  /** False when there is no room. Call what is given back once the connection is signed in or gone. */
  enter(address: string): (() => void) | null {
    const strangers = this.strangers.get(address) ?? 0;
    if (this.count >= this.limit + Math.floor(this.limit * SPARE)) return null;
    if (strangers >= Math.max(1, Math.floor(this.limit * STRANGERS_SHARE))) return null;
    this.count += 1;
    this.strangers.set(address, strangers + 1);
    let known = false;
    return () => {
      if (known) return;
      known = true;
      const left = (this.strangers.get(address) ?? 1) - 1;
      if (left === 0) this.strangers.delete(address);
      else this.strangers.set(address, left);
    };
  }

  leave(): void {
    this.count -= 1;
  }
}
