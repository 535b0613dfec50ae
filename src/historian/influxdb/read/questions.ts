import { HistorianUnavailable } from '../../port/errors.js';
import { InfluxError } from '../errors.js';
import type { RollupsSource } from '../rollups/rollups.js';

/** The same source, for a question nobody waits for once `signal` has fired. */
export function heeding(source: RollupsSource, signal: AbortSignal | undefined): RollupsSource {
  if (signal === undefined) return source;
  const { transport } = source;
  return {
    ...source,
    transport: {
      api: transport.api,
      write: (bucket, lines, own) => transport.write(bucket, lines, own),
      query: (database, statement, params, own) =>
        transport.query(database, statement, params, own === undefined ? signal : AbortSignal.any([signal, own])),
    },
  };
}

/** What a question failed with, as who asked it is to be told. */
export function unavailable(error: unknown): unknown {
  return error instanceof InfluxError ? new HistorianUnavailable(error.message, { cause: error }) : error;
}
