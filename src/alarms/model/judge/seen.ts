import type { Alarm } from '../alarm.js';

/** The client that reads alarms, as far as their names depend on it. */
export interface Looking {
  /** Whether the client may see the park. */
  readonly sees: (park: string) => boolean;
  /** The parks that ever had a device of an id, in the order in which they got it. */
  readonly parksNamed: (device: string) => readonly string[];
}

/**
 * The alarm with its id for a client that sees only some parks: `@` and the park follow the device only where another
 * of these parks had a device of that id first, so that the id reveals no other park.
 */
export function asSeen(alarm: Alarm, looking: Looking): Alarm {
  const { id, cause, park } = alarm;
  if (park === null) return alarm;
  const [seen, seenCause] = [seenId(id, park, looking), cause === null ? null : seenId(cause, park, looking)];
  return seen === id && seenCause === cause ? alarm : { ...alarm, id: seen, cause: seenCause };
}

/** As `asSeen`, for an alarm's id alone. */
export function seenId(id: string, park: string, { sees, parksNamed }: Looking): string {
  const plain = plainId(id, park);
  if (plain === id) return id;
  const device = plain.slice(plain.indexOf(':') + 1);
  for (const other of parksNamed(device)) {
    if (other === park) break;
    if (sees(other)) return id;
  }
  return plain;
}

/** The id without its park. */
export function plainId(id: string, park: string): string {
  const end = `@${park}`;
  return id.endsWith(end) ? id.slice(0, -end.length) : id;
}
