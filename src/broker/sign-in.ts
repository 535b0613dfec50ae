import type { AedesOptions, Client } from 'aedes';
import type { GatewaySignIn } from '../registry/port.js';
import type { Connections } from './connections.js';
import type { BrokerStats, GatewayCounters } from './port.js';
import type { Presence } from './presence.js';
import { type Refusals, RefusedError } from './refusals.js';
import type { Sessions } from './sessions.js';

/** Return codes of CONNACK, MQTT 3.1.1 section 3.2.2.3. Some clients never reconnect after 4. */
const SERVER_UNAVAILABLE = 3;
const BAD_USER_NAME_OR_PASSWORD = 4;

interface SignInDeps {
  readonly sessions: Sessions;
  readonly presence: Presence;
  readonly connections: Connections;
  readonly refusals: Refusals;
  readonly stats: BrokerStats;
  /** Called when the broker has ended a connection because of a refusal. */
  readonly onEnded: (client: Client) => void;
}

/** Signs gateways in. Without capacity for a right secret it answers "server unavailable", not "wrong secret". */
export function signIn(gateways: GatewaySignIn, deps: SignInDeps): NonNullable<AedesOptions['authenticate']> {
  const { sessions, presence, connections, refusals, stats, onEnded } = deps;
  return (client: Client & { address?: string }, username, password, done) => {
    const name = username ?? '';
    const refuse = (returnCode: number, reason: string) => {
      refusals.signIn(client, name, reason, returnCode === SERVER_UNAVAILABLE);
      done(Object.assign(new RefusedError(reason), { returnCode }), false);
    };
    const later = (reason: string) => refuse(SERVER_UNAVAILABLE, reason);
    gateways.signIn(name, password?.toString('utf8') ?? '', client.address).then(
      (gateway) => {
        if (gateway === null) return refuse(BAD_USER_NAME_OR_PASSWORD, 'wrong user name or password');
        if (gateway === 'busy') return later('too many sign-ins are being checked');
        if (connections.crowded && !sessions.replaces(client, gateway.id)) return later('too many connections');
        const scope = { gateway: gateway.id, park: gateway.park };
        const counters = countersOf(stats, gateway.id);
        if (!sessions.add(client, { scope, counters, onEnded: () => onEnded(client) })) {
          return later('too many connections of this gateway');
        }
        client.conn.once('close', () => presence.left(client));
        if (client.conn.destroyed) presence.left(client);
        else presence.arrived(client);
        done(null, true);
      },
      () => later('sign-in is not possible right now'),
    );
  };
}

function countersOf({ perGateway }: BrokerStats, gateway: string): GatewayCounters {
  const known = perGateway.get(gateway);
  if (known !== undefined) return known;
  const counters = { messages: 0, bytes: 0, refused: 0 };
  perGateway.set(gateway, counters);
  return counters;
}
