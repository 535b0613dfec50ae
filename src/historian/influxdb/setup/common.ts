import { InfluxError } from '../errors.js';
import type { Transport } from '../transport.js';

export const DAY_S = 86_400;

/** A bucket as it has to be on the server. */
export interface WantedBucket {
  readonly name: string;
  /** Seconds that points are kept; 0 is for good. */
  readonly keepS: number;
  /** Seconds of one shard, where the server's own choice would make too many; 0 leaves it. */
  readonly shardS: number;
}

/** What a set-up talks with. */
export interface SetUp {
  readonly transport: Pick<Transport, 'admin' | 'where'>;
  readonly org: string | undefined;
  /** Called for what is not as it should be and yet does not stop the service. */
  readonly warn: (message: string) => void;
}

/** Something is missing that this token may not make. */
export function missing(what: string, remedy: string, error: InfluxError): InfluxError {
  return error.toRetry(`${what}, and INFLUX_TOKEN may not make it (${error.words}): ${remedy}`);
}

/** Whether the server understood and refused for the lack of a right; 2.x says 401 for that too, and 404 of what is hidden. */
export function isForbidden(error: unknown): error is InfluxError {
  return error instanceof InfluxError && (error.status === 401 || error.status === 403 || error.status === 404);
}

/** What is kept for another time than it should be, and cannot be changed: `remedy` would. */
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
