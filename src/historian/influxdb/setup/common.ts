import { InfluxError } from '../errors.js';
import type { Transport } from '../transport.js';

export const DAY_S = 86_400;

/** Required state of a bucket on the server. */
export interface WantedBucket {
  readonly name: string;
  /** Retention in seconds; 0 keeps points for good. */
  readonly keepS: number;
  /** Duration of a shard in seconds, if the server's default would make too many; 0 keeps the default. */
  readonly shardS: number;
}

/** Connection and warnings for a set-up. */
export interface SetUp {
  readonly transport: Pick<Transport, 'admin' | 'where'>;
  readonly org: string | undefined;
  /** Receives deviations that do not stop the service. */
  readonly warn: (message: string) => void;
}

/** Error for a missing part that this token may not create. */
export function missingPart(what: string, remedy: string, error: InfluxError): InfluxError {
  return error.toRetry(`${what}, and INFLUX_TOKEN may not create it (${error.words}): ${remedy}`);
}

/** Whether the server refused for lack of permission; 2.x also answers 401, and 404 for hidden resources. */
export function isForbidden(error: unknown): error is InfluxError {
  return error instanceof InfluxError && (error.status === 401 || error.status === 403 || error.status === 404);
}

/** Error for a wrong retention that the service cannot change; `remedy` tells the operator how. */
export function keptOtherwise(
  what: string,
  keptS: number,
  wantedS: number,
  error: InfluxError,
  remedy: string,
): string {
  const why = `and INFLUX_TOKEN may not change that (${error.words}): ${remedy}`;
  return `${what} keeps readings ${shownDays(keptS)} instead of ${shownDays(wantedS)}, ${why}`;
}

const shownDays = (seconds: number): string => (seconds === 0 ? 'for good' : `${Math.round(seconds / DAY_S)} days`);
