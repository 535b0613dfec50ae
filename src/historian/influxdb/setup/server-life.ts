import { InfluxError } from '../errors.js';
import type { Transport } from '../transport.js';

/** A slower answer counts as none. */
const ANSWER_MS = 5_000;

type Asked = Pick<Transport, 'api' | 'admin'>;

/**
 * Identifies one run of the server process: its start time, or an id of its own. Null if the server does not tell, or
 * not to this token.
 * @throws InfluxError when the server is unreachable
 */
export async function serverLife(transport: Asked): Promise<string | null> {
  const ways = WAYS[transport.api];
  for (const way of ways) {
    const signal = AbortSignal.timeout(ANSWER_MS);
    try {
      const life = await way(transport, signal);
      if (typeof life === 'string' && life !== '') return life;
    } catch (error) {
      if (!(error instanceof InfluxError)) throw error;
      if (error.status === null && !signal.aborted) throw error;
    }
  }
  return null;
}

type Way = (transport: Asked, signal: AbortSignal) => Promise<unknown>;

const diagnostics: Way = async (transport, signal) => {
  const asked = new URLSearchParams({ q: "SHOW DIAGNOSTICS FOR 'system'" });
  const answer = (await transport.admin('POST', '/query', asked, signal)) as Diagnostics | undefined;
  const series = answer?.results?.[0]?.series?.[0];
  return series?.values[0]?.[series.columns.indexOf('started')];
};

interface Diagnostics {
  readonly results?: readonly {
    readonly series?: readonly { readonly columns: readonly string[]; readonly values: readonly unknown[][] }[];
  }[];
}

/** A member, or a member of a member, of a path's answer. */
const memberOf =
  (path: string, ...names: readonly string[]): Way =>
  async (transport, signal) =>
    names.reduce<unknown>(
      (of, name) => (typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[name] : undefined),
      await transport.admin('GET', path, undefined, signal),
    );

const WAYS: Readonly<Record<Transport['api'], readonly Way[]>> = {
  // The first needs an administrator if the server has authentication; the second may be switched off.
  v1: [diagnostics, memberOf('/debug/vars', 'system', 'started')],
  v2: [memberOf('/ready', 'started')],
  v3: [memberOf('/ping', 'process_id')],
};
