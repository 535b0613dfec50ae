import type { HttpNumbers } from './components.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type RouteNumbers = Mutable<HttpNumbers['routes'] extends ReadonlyMap<string, infer R> ? R : never>;

/** Counts answers by method, route and status. Methods and routes are those registered; the rest is one `none`. */
export class HttpCounts implements HttpNumbers {
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
