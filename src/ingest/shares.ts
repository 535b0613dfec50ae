/** What a park or a gateway holds. */
interface Amount {
  messages: number;
  bytes: number;
}

interface Park extends Amount {
  readonly gateways: Map<string, Amount>;
}

/** How much of what the store may evict each park, and each gateway in it, holds. */
export class Shares {
  private readonly parks = new Map<string, Park>();

  add(park: string, gateway: string, messages: number, bytes: number): void {
    const ofPark = this.parks.get(park) ?? { messages: 0, bytes: 0, gateways: new Map<string, Amount>() };
    const ofGateway = ofPark.gateways.get(gateway) ?? { messages: 0, bytes: 0 };
    this.parks.set(park, ofPark);
    ofPark.gateways.set(gateway, ofGateway);
    for (const amount of [ofPark, ofGateway]) {
      amount.messages += messages;
      amount.bytes += bytes;
    }
    if (ofGateway.messages === 0) ofPark.gateways.delete(gateway);
    if (ofPark.messages === 0) this.parks.delete(park);
  }

  /** The gateway that holds most in the park that holds most; null when no gateway holds any. */
  largest(by: keyof Amount): { readonly park: string; readonly gateway: string } | null {
    const park = largestOf(this.parks, by);
    if (park === null) return null;
    const gateway = largestOf(park[1].gateways, by);
    return gateway === null ? null : { park: park[0], gateway: gateway[0] };
  }
}

function largestOf<T extends Amount>(holders: ReadonlyMap<string, T>, by: keyof Amount): [string, T] | null {
  let largest: [string, T] | null = null;
  for (const holder of holders) if (largest === null || holder[1][by] > largest[1][by]) largest = holder;
  return largest;
}
