import { crcOf, printCrc } from './crc.js';
import { type Dialect, isInParts, type Result, read, refuse } from './dialect.js';

/** The fields before the data area, HJ 212-2017 table 3. */
export interface Header {
  /** `YYYYMMDDhhmmsszzz` of one exchange; null where the sender left it out. */
  readonly qn: string | null;
  /** System code: 32 source of wastewater, 91 interaction. */
  readonly st: string;
  /** Command code. */
  readonly cn: string;
  readonly pw: string;
  /** Empty before the platform has given one. */
  readonly mn: string;
  readonly flag: number | null;
  readonly pnum: number | null;
  readonly pno: number | null;
  /** RF=1 of HJ 212-2025: filled in later. */
  readonly refilled: boolean;
}

/** A data segment: its fields and the bytes between `CP=&&` and `&&`. */
export interface DataSegment {
  readonly header: Header;
  readonly area: Uint8Array;
}

const CP = Uint8Array.of(0x43, 0x50, 0x3d, 0x26, 0x26);
const AMPERSAND = 0x26;

const ORDER = ['QN', 'ST', 'CN', 'PW', 'MN', 'Flag', 'PNUM', 'PNO', 'RF'] as const;
type Field = (typeof ORDER)[number];
const BY_LOWER_CASE = new Map<string, Field>(ORDER.map((name) => [name.toLowerCase(), name]));

/** Longest header that any edition can write is 100 bytes; the rest is room for fields of a vendor. */
const MAX_HEADER = 512;

const LATIN = new TextDecoder('latin1');
const UTF8 = new TextEncoder();

/** Where the data area begins, within the bounds of a header; -1 when it does not. */
export function areaStart(segment: Uint8Array): number {
  const last = Math.min(segment.length - CP.length, MAX_HEADER);
  for (let at = 0; at <= last; at += 1) {
    let same = 0;
    while (same < CP.length && segment[at + same] === CP[same]) same += 1;
    if (same === CP.length) return at + CP.length;
  }
  return -1;
}

/** Cuts a data segment at its data area; looks for no delimiter inside that. */
export function parseSegment(segment: Uint8Array, dialect: Dialect): Result<DataSegment> {
  const start = areaStart(segment);
  const end = segment.length - 2;
  if (start < 0 || end < start || segment[end] !== AMPERSAND || segment[end + 1] !== AMPERSAND) {
    return refuse('the data segment has no data area CP=&&…&&');
  }
  const header = parseHeader(LATIN.decode(segment.subarray(0, start - CP.length)), dialect);
  return header.ok ? read({ header: header.value, area: segment.subarray(start, end) }) : header;
}

function parseHeader(text: string, { edition, strict }: Dialect): Result<Header> {
  if (strict && text !== '' && !text.endsWith(';')) return refuse('";" is missing before CP');
  const found = new Map<Field, string>();
  let last = -1;
  for (const part of (strict ? text.slice(0, -1) : text).split(strict ? ';' : /[;,]/)) {
    if (!strict && part.trim() === '') continue;
    const at = part.indexOf('=');
    if (at < 0) return refuse('a field before CP has no "="');
    const given = strict ? part.slice(0, at) : part.slice(0, at).trim();
    const name = strict ? ORDER.find((one) => one === given) : BY_LOWER_CASE.get(given.toLowerCase());
    if (name === undefined) {
      if (strict) return refuse('a field before CP is not of the standard');
      continue;
    }
    if (found.has(name)) return refuse(`${name} occurs twice`);
    const place = ORDER.indexOf(name);
    if (strict && place < last) return refuse(`${name} is out of order`);
    last = place;
    found.set(name, strict ? part.slice(at + 1) : part.slice(at + 1).trim());
  }
  const missing = strict && edition !== '2005' ? ORDER.slice(0, 6).find((name) => !found.has(name)) : undefined;
  return missing === undefined ? checked(found, strict) : refuse(`${missing} is missing`);
}

/** What each field must look like; where two are given the second is the standard's, the first what loggers send. */
const ANY: Readonly<Record<Field, RegExp>> = {
  QN: /^\d{14}(?:\d{3})?$/,
  ST: /^[0-9A-Za-z]{2}$/,
  CN: /^\d{4}$/,
  PW: /^[\x20-\x7e]{0,16}$/,
  MN: /^[A-Za-z0-9_]{0,24}$/,
  Flag: /^\d{1,3}$/,
  PNUM: /^\d{1,4}$/,
  PNO: /^\d{1,4}$/,
  RF: /^[01]$/,
};
const STRICT: Readonly<Record<Field, RegExp>> = {
  ...ANY,
  QN: /^\d{17}$/,
  ST: /^[0-9A-Z]{2}$/,
  PW: /^[0-9A-Za-z]{0,6}$/,
  MN: /^(?:[A-Za-z0-9_]{8,24})?$/,
};

function checked(found: ReadonlyMap<Field, string>, strict: boolean): Result<Header> {
  const shapes = strict ? STRICT : ANY;
  for (const [name, value] of found) {
    if (!strict && value === '' && name !== 'CN') continue;
    if (!shapes[name].test(value)) return refuse(`${name} is malformed`);
  }
  const number = (name: Field) => (found.get(name) ? Number(found.get(name)) : null);
  const [flag, pnum, pno] = [number('Flag'), number('PNUM'), number('PNO')];
  const cn = found.get('CN');
  const mn = found.get('MN');
  if (cn === undefined) return refuse('CN is missing');
  if (mn === undefined) return refuse('MN is missing');
  if (flag !== null && flag > 255) return refuse('Flag is above 255');
  if ((pnum === null) !== (pno === null)) return refuse('PNUM and PNO belong together');
  if (strict && isInParts(flag) !== (pnum !== null)) return refuse('PNUM and PNO contradict Flag');
  if (pnum !== null && pno !== null && !(pno >= 1 && pno <= pnum)) return refuse('PNO is not within 1 to PNUM');
  const header = { qn: found.get('QN') || null, st: (found.get('ST') ?? '').toUpperCase(), cn, mn, flag, pnum, pno };
  return read({ ...header, pw: found.get('PW') ?? '', refilled: found.get('RF') === '1' });
}

/** The data segment in the standard's order, as UTF-8. */
export function printSegment(header: Header, area: string): Uint8Array {
  const { qn, st, cn, pw, mn, flag, pnum, pno, refilled } = header;
  const fields = [
    qn === null ? '' : `QN=${qn};`,
    `ST=${st};CN=${cn};PW=${pw};MN=${mn};`,
    flag === null ? '' : `Flag=${flag};`,
    pnum === null ? '' : `PNUM=${pnum};`,
    pno === null ? '' : `PNO=${pno};`,
    refilled ? 'RF=1;' : '',
  ];
  return UTF8.encode(`${fields.join('')}CP=&&${area}&&`);
}

/** A whole packet: `##`, length in bytes, data segment, CRC, CR LF. */
export function printPacket(header: Header, area: string): Uint8Array {
  return framed(printSegment(header, area));
}

/** Puts a data segment into its frame; `crc` is given where the segment's data area is encrypted. */
export function framed(segment: Uint8Array, crc = crcOf(segment), length = segment.length): Uint8Array {
  const head = UTF8.encode(`##${String(length).padStart(4, '0')}`);
  const tail = UTF8.encode(`${printCrc(crc)}\r\n`);
  const packet = new Uint8Array(head.length + segment.length + tail.length);
  packet.set(head);
  packet.set(segment, head.length);
  packet.set(tail, head.length + segment.length);
  return packet;
}
