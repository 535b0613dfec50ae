import { call } from './api.js';
import type { RunningService } from './service.js';

/** A gateway as the API made it: the secret is shown once. */
export interface MadeGateway {
  readonly id: string;
  readonly park: string;
  readonly secret: string;
}

type Reachable = Pick<RunningService, 'http' | 'adminToken'>;

/** Makes one gateway through the API. */
export async function makeGateway(service: Reachable, id: string, park: string): Promise<MadeGateway> {
  const made = await call<{ secret: string }>(service, 'POST', '/api/v1/gateways', { id, park, name: id });
  return { id, park, secret: made.secret };
}

/** Makes the gateways one after the other, and keeps whatever else the caller has on them. */
export async function makeGateways<T extends { readonly id: string; readonly park: string }>(
  service: Reachable,
  wanted: readonly T[],
): Promise<(T & MadeGateway)[]> {
  const made: (T & MadeGateway)[] = [];
  for (const gateway of wanted) made.push({ ...gateway, ...(await makeGateway(service, gateway.id, gateway.park)) });
  return made;
}
