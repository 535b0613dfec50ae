import type { Alarm } from '../alarm.js';

/** Who looks at alarms, as far as it decides what they are called. */
export interface Looking {
  /** Whether they see what is of the park. */
  readonly sees: (park: string) => boolean;
  /** The parks that ever had a device of an id, in the order in which they came to have it. */
  readonly parksNamed: (device: string) => readonly string[];
}

/**
 * The alarm by the id under which it goes for who sees some parks alone: `@` and its park stand behind the device only
 * where another of these parks had a device of that id first, so that nothing of the others shows.
 */
export function asSeen(alarm: Alarm, looking: Looking): Alarm {
  const { id, cause, park } = alarm;
  if (park === null) return alarm;
  const [seen, seenCause] = [seenId(id, park, looking), cause === null ? null : seenId(cause, park, looking)];
  return seen === id && seenCause === cause ? alarm : { ...alarm, id: seen, cause: seenCause };
}

/** As `asSeen`, of an alarm's id alone. */
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

/** The id within its park, where no other park has to be told apart. */
export function plainId(id: string, park: string): string {
  const end = `@${park}`;
  return id.endsWith(end) ? id.slice(0, -end.length) : id;
}
