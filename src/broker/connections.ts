/** Share of the bound by which connections may exceed it, to replace a connection of their own gateway. */
const SPARE = 1 / 50;
/** Share of the bound that connections from one address may take before they sign in. */
const STRANGERS_SHARE = 1 / 2;

/** Counts connections: all, and for each address those that have not signed in. */
export class Connections {
  private count = 0;
  private readonly strangers = new Map<string, number>();

  constructor(private readonly limit: number) {}

  /** Whether only clients that replace another connection may sign in. */
  get crowded(): boolean {
    return this.count > this.limit;
  }

  /** Null when the bound is reached. The caller calls the returned function once the connection signs in or closes. */
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
