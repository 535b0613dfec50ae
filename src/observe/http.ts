interface RouteNumbers {
  readonly method: string;
  readonly route: string;
  readonly status: string;
  requests: number;
  seconds: number;
}

/** Counts answers by method, route and status. Unregistered methods and routes count as `none`. */
export class HttpCounts {
  readonly routes = new Map<string, RouteNumbers>();

  count(method: string, route: string | undefined, status: number, seconds: number): void {
    const known = route === undefined ? { method: 'any', route: 'none' } : { method, route };
    const key = `${known.method} ${known.route} ${status}`;
    let numbers = this.routes.get(key);
    if (!numbers) {
      numbers = { ...known, status: String(status), requests: 0, seconds: 0 };
      this.routes.set(key, numbers);
    }
    numbers.requests += 1;
    numbers.seconds += seconds;
  }
}
