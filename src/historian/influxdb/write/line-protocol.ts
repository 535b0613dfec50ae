import { type DeviceKey, deviceOf } from '../../../model/ids.js';
import { DATA_FLAGS, QUALITIES } from '../../../model/reading.js';
import { DELAY, delayField, EPOCHS, type PointTags, statusCode, statusField } from '../schema.js';

/**
 * Escapes the name of a tag or field, or a tag's value. Line protocol cannot express a line break, nor a backslash at
 * the end, which would escape the next character: both become underscores.
 */
export function escaped(text: string): string {
  return endless(text.replace(/[\p{Cc}\u2028\u2029]/gu, '_')).replace(/[,= ]/g, '\\$&');
}

/** Replaces backslashes at the end. */
function endless(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\\') end -= 1;
  return end === text.length ? text : `${text.slice(0, end)}${'_'.repeat(text.length - end)}`;
}

/** Value of a text field. */
export function quotedText(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * Beginning of a device's line, with its space; tags in the server's order. `metric`: the tag of one, with its comma.
 */
export function lineHead(measurement: string, device: DeviceKey, tags: PointTags, metric = ''): string {
  const member = tags.enterprise === '' ? '' : `,enterprise=${escaped(tags.enterprise)}`;
  const district = tags.district === '' ? '' : `,district=${escaped(tags.district)}`;
  return `${measurement},device=${escaped(deviceOf(device))}${district}${member}${metric},park=${escaped(tags.park)} `;
}

/** The point of an epoch; the tag is the device key, because a point has no other tag for the park. */
export function epochLine(device: DeviceKey, from: number, { park, district, enterprise, domain }: PointTags): string {
  const fields = { park, district, enterprise, domain };
  const texts = Object.entries(fields).map(([name, text]) => `${name}=${quotedText(text)}`);
  return `${EPOCHS},device=${escaped(device)} ${texts.join(',')} ${from}\n`;
}

/** The parts of a metric's fields that are the same in every line. */
export class MetricText {
  readonly value: string;
  readonly status: string;
  readonly delay: string;
  /** The last point with a value of this metric: a point takes each metric once. */
  point = 0;

  constructor(metric: string) {
    this.value = `${escaped(metric)}=`;
    this.status = `,${escaped(statusField(metric))}=`;
    this.delay = `,${escaped(delayField(metric))}=`;
  }
}

export const DELAY_ASSIGNMENT = `,${DELAY}=`;

/** Status literals by flag, one table per quality. */
const STATUS_LITERALS = Object.fromEntries(
  QUALITIES.map((quality) => [
    quality,
    Object.fromEntries(DATA_FLAGS.map((flag) => [flag, `${statusCode(flag, quality)}i`])),
  ]),
);

export function statusLiteral(flag: string, quality: string): string {
  return STATUS_LITERALS[quality]![flag]!;
}
