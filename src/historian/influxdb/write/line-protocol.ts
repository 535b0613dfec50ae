import { type DeviceKey, deviceOf } from '../../../model/ids.js';
import { DATA_FLAGS, QUALITIES } from '../../../model/reading.js';
import { DELAY, type DeviceTags, delayField, EPOCHS, statusCode, statusField } from '../schema.js';

/**
 * The name of a tag or field, or a tag's value, as it stands in a line. Line protocol has no way to write a
 * line break in one, nor a backslash at its end (it would escape what follows): these become underscores.
 */
export function escaped(text: string): string {
  return endless(text.replace(/[\p{Cc}\u2028\u2029]/gu, '_')).replace(/[,= ]/g, '\\$&');
}

/** Without backslashes at the end. */
function endless(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\\') end -= 1;
  return end === text.length ? text : `${text.slice(0, end)}${'_'.repeat(text.length - end)}`;
}

/** The value of a text field. */
export function quotedText(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * What a line of a device begins with, its space included; tags in the order that saves the server sorting.
 * @param metric the tag of one, with its comma
 */
export function lineHead(measurement: string, device: DeviceKey, tags: DeviceTags, metric = ''): string {
  const member = tags.enterprise === '' ? '' : `,enterprise=${escaped(tags.enterprise)}`;
  const district = tags.district === '' ? '' : `,district=${escaped(tags.district)}`;
  return `${measurement},device=${escaped(deviceOf(device))}${district}${member}${metric},park=${escaped(tags.park)} `;
}

/** The point that says what a device belongs to from a time on; its tag is the key, for one point has no tag for the park. */
export function epochLine(device: DeviceKey, from: number, { park, district, enterprise, domain }: DeviceTags): string {
  const fields = { park, district, enterprise, domain };
  const texts = Object.entries(fields).map(([name, text]) => `${name}=${quotedText(text)}`);
  return `${EPOCHS},device=${escaped(device)} ${texts.join(',')} ${from}\n`;
}

/** What of a metric's fields stays the same in every line. */
export class MetricText {
  readonly value: string;
  readonly status: string;
  readonly delay: string;
  /** The point that last got a value of this metric: one point takes each metric once. */
  point = 0;

  constructor(metric: string) {
    this.value = `${escaped(metric)}=`;
    this.status = `,${escaped(statusField(metric))}=`;
    this.delay = `,${escaped(delayField(metric))}=`;
  }
}

export const DELAY_ASSIGNMENT = `,${DELAY}=`;

/** Integer literals of statuses by flag, one table for each quality. */
const STATUS_LITERALS = Object.fromEntries(
  QUALITIES.map((quality) => [
    quality,
    Object.fromEntries(DATA_FLAGS.map((flag) => [flag, `${statusCode(flag, quality)}i`])),
  ]),
);

export function statusLiteral(flag: string, quality: string): string {
  return STATUS_LITERALS[quality]![flag]!;
}
