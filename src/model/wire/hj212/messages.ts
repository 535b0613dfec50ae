import type { TimeZone } from '../../time/zone.js';
import { type DataArea, printArea } from './area.js';
import { type Edition, versionFlag } from './dialect.js';
import { type Header, printPacket } from './segment.js';
import { printInstant, printQn } from './time.js';

/** QnRtn of 9011. */
export const QN_RESULT = {
  ready: 1,
  rejected: 2,
  password: 3,
  mn: 4,
  st: 5,
  flag: 6,
  qn: 7,
  cn: 8,
  crc: 9,
  unknown: 100,
} as const;
/** ExeRtn of 9012. */
export const EXE_RESULT = { ok: 1, failed: 2, condition: 3, timeout: 4, busy: 5, fault: 6, noData: 100 } as const;

/** System code of all answers. */
const INTERACTION = '91';

/** Commands that notify, and are answered with 9013; data are answered with 9014. */
const NOTIFICATIONS = new Set(['1013', '9015']);
/** Commands of a logger that carry data. */
export const DATA_COMMANDS: ReadonlySet<string> = new Set([
  '2011',
  '2021',
  '2031',
  '2041',
  '2051',
  '2061',
  '2081',
  '3019',
  '3020',
]);

/** What answers an upload; null where the command is no upload. */
export function answerCommand(cn: string): '9013' | '9014' | null {
  if (NOTIFICATIONS.has(cn)) return '9013';
  return DATA_COMMANDS.has(cn) ? '9014' : null;
}

/** The answer to a packet, in the logger's edition. It repeats the QN, also when the packet had none. */
export function printAnswer(
  to: Header,
  edition: Edition,
  cn: '9011' | '9012' | '9013' | '9014',
  code?: number,
): Uint8Array {
  const area = code === undefined ? '' : `${cn === '9011' ? 'QnRtn' : 'ExeRtn'}=${code}`;
  return printPacket(headerOf({ ...to, st: INTERACTION, cn, flag: versionFlag(edition) }), area);
}

/** Whom a request goes to. */
export interface Addressee {
  readonly mn: string;
  readonly pw: string;
  readonly st: string;
  readonly edition: Edition;
  readonly zone: TimeZone;
}

/** Request 1012: set the clock to `now`, epoch ms. */
export function printSetTime(to: Addressee, now: number): Uint8Array {
  const area: DataArea = [[['SystemTime', printInstant(now, to.zone)]]];
  return printPacket(requestHeader(to, '1012', now), printArea(area));
}

/**
 * Request for past data of `[from, to)`, epoch ms. HJ 212-2017 C.23 separates the two times by `,` and its other examples
 * by `;`: loggers differ.
 */
export function printHistoryRequest(
  to: Addressee,
  cn: '2011' | '2031' | '2051' | '2061',
  period: { readonly from: number; readonly to: number },
  now: number,
  separator: ',' | ';' = ',',
): Uint8Array {
  const begin = `BeginTime=${printInstant(period.from, to.zone)}`;
  return printPacket(requestHeader(to, cn, now), `${begin}${separator}EndTime=${printInstant(period.to, to.zone)}`);
}

function requestHeader({ mn, pw, st, edition, zone }: Addressee, cn: string, now: number): Header {
  return headerOf({ qn: printQn(now, zone), st, cn, pw, mn, flag: versionFlag(edition, true) });
}

function headerOf(fields: Pick<Header, 'qn' | 'st' | 'cn' | 'pw' | 'mn' | 'flag'>): Header {
  const { qn, st, cn, pw, mn, flag } = fields;
  return { qn, st, cn, pw, mn, flag, pnum: null, pno: null, refilled: false };
}
