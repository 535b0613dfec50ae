import { InfluxError } from '../errors.js';
import type { Transport } from '../transport.js';

/** An answer that takes longer says nothing. */
const ANSWER_MS = 5_000;

type Asked = Pick<Transport, 'api' | 'admin'>;

/**
 * What tells one life of the server's process from the next: when it began, or the id it gave itself. Null where the
 * server does not say, or not to this token.
 * @throws InfluxError when the server is not there
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

/** A member, or a member of a member, of what a path answers. */
const memberOf =
  (path: string, ...names: readonly string[]): Way =>
  async (transport, signal) =>
    names.reduce<unknown>(
      (of, name) => (typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[name] : undefined),
      await transport.admin('GET', path, undefined, signal),
    );

const WAYS: Readonly<Record<Transport['api'], readonly Way[]>> = {
  // The first wants an administrator where the server asks who it is; the second may be switched off.
  v1: [diagnostics, memberOf('/debug/vars', 'system', 'started')],
  v2: [memberOf('/ready', 'started')],
  v3: [memberOf('/ping', 'process_id')],
};
