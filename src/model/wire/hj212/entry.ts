import { type DeviceKey, deviceKey, isId } from '../../ids.js';
import type { DeviceReadings, Reading } from '../../reading.js';
import { TimeZone } from '../../time/zone.js';
import type { DecodedEntry, ReadingsEntry } from '../decoded.js';
import { type ItemRejection, timeProblem } from '../readings.js';
import { parseArea } from './area.js';
import { crcOf } from './crc.js';
import type { Dialect } from './dialect.js';
import type { ChannelSetting } from './factors.js';
import { figuresOf, hasFigures, type PacketFigure } from './figures.js';
import { frameOf } from './frames.js';
import { type Header, parseSegment } from './segment.js';

/**
 * What of the logger's profile decides on the meaning of a packet. It is stored with each packet, so that a later change
 * of the profile changes nothing that was received.
 */
export interface PacketContext extends Dialect {
  readonly mn: string;
  /** IANA name. */
  readonly zone: string;
  /** By 2017 code of the factor; only the channels that differ from table B.1. */
  readonly channels: Readonly<Record<string, ChannelSetting>>;
}

/** A packet as the journal keeps it. */
export interface StoredPacket {
  readonly context: PacketContext;
  /** Byte for byte as it arrived. */
  readonly raw: Uint8Array;
  /** The data segment in plain text, where `raw` is encrypted and a key was found. */
  readonly plain: Uint8Array | null;
}

/** The readings of a packet, and all its figures for those who follow emissions. */
export interface PacketReadings extends DeviceReadings {
  readonly header: Header;
  readonly figures: readonly PacketFigure[];
}

/** Version of the payload: `1` · context length u16 · context JSON · raw length u16 · raw · plain. Big-endian. */
const VERSION = 1;
const FIXED_BYTES = 5;
const CACHED = 5_000;
const [CR, LF] = [0x0d, 0x0a];
const UTF8 = new TextEncoder();

export const packetTopic = (park: string, device: string) => `parks/${park}/wastewater/${device}/hj212`;

/** The payload of the journal's entry. */
export function packPacket({ context, raw, plain }: StoredPacket): Uint8Array {
  const text = UTF8.encode(JSON.stringify(context));
  const payload = new Uint8Array(FIXED_BYTES + text.length + raw.length + (plain?.length ?? 0));
  const view = new DataView(payload.buffer);
  view.setUint8(0, VERSION);
  view.setUint16(1, text.length);
  payload.set(text, 3);
  view.setUint16(3 + text.length, raw.length);
  payload.set(raw, FIXED_BYTES + text.length);
  if (plain !== null) payload.set(plain, FIXED_BYTES + text.length + raw.length);
  return payload;
}

interface Source {
  readonly park: string;
  readonly device: DeviceKey;
}

interface Profile extends Dialect {
  readonly context: PacketContext;
  readonly zone: TimeZone;
  readonly channels: ReadonlyMap<string, ChannelSetting>;
}

/** Decodes entries that are packets of HJ 212; the part of `EntryDecoder` that messages on MQTT never reach. */
export class PacketEntryDecoder {
  private readonly sources = new Map<string, Source>();
  private readonly profiles = new Map<string, Profile>();
  private readonly zones = new Map<string, TimeZone>();
  private readonly utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

  /** Null when the topic is not that of packets. */
  decode(entry: ReadingsEntry, rawDays = Number.POSITIVE_INFINITY): DecodedEntry | null {
    const source = this.sourceOf(entry.topic);
    if (source === null) return null;
    const stored = this.unpack(entry.payload);
    if (stored === null) return refused('invalid_packet', 'the entry is damaged or of a newer version');
    const { profile, raw, plain } = stored;
    const frame = frameOf(raw, false);
    if (frame === null || (profile.strict && frameOf(withLineEnd(raw), true) === null)) {
      return refused('invalid_packet', 'length, CRC or line end are not right');
    }
    if (frame.sealed && !frame.intact && plain === null) return refused('undecrypted_packet', 'no key fits');
    if (plain !== null && crcOf(plain) !== frame.crc) return refused('undecrypted_packet', 'the key does not fit');
    const segment = parseSegment(plain ?? frame.segment, profile);
    if (!segment.ok) return refused('invalid_packet', segment.problem);
    const { header } = segment.value;
    if (header.mn !== profile.context.mn) return refused('invalid_packet', 'MN is that of another logger');
    return this.readings(entry, source, header, this.utf8.decode(segment.value.area), profile, rawDays);
  }

  private readings(
    { gateway, receivedAt, replayedAt }: ReadingsEntry,
    { park, device }: Source,
    header: Header,
    text: string,
    profile: Profile,
    rawDays: number,
  ): DecodedEntry {
    const taken = { park, domain: 'wastewater' as const, device, gateway, receivedAt, header };
    const whole = replayedAt === undefined ? taken : { ...taken, replayedAt };
    const nothing: PacketReadings = { ...whole, readings: [], figures: [] };
    // Logs, states and heartbeats have no figures, and are kept all the same.
    if (!hasFigures(header.cn)) return { message: nothing, rejections: [] };
    const area = parseArea(text, profile.strict);
    if (!area.ok) return refused('invalid_packet', area.problem);
    const { figures, rejections } = figuresOf(header.cn, area.value, profile);
    const [first] = figures;
    if (first === undefined) return { message: rejections.length > 0 ? null : nothing, rejections };
    const problem = timeProblem(first.ts, receivedAt, rawDays, replayedAt ?? receivedAt);
    if (problem !== null) return refused(...problem);
    const message: PacketReadings = { ...whole, readings: readingsOf(figures), figures };
    return { message, rejections };
  }

  private unpack(payload: Uint8Array): { profile: Profile; raw: Uint8Array; plain: Uint8Array | null } | null {
    if (payload.length < FIXED_BYTES || payload[0] !== VERSION) return null;
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    const rawAt = FIXED_BYTES + view.getUint16(1);
    if (rawAt > payload.length) return null;
    const end = rawAt + view.getUint16(rawAt - 2);
    if (end > payload.length) return null;
    const profile = this.profileOf(this.utf8.decode(payload.subarray(3, rawAt - 2)));
    if (profile === null) return null;
    return { profile, raw: payload.slice(rawAt, end), plain: end < payload.length ? payload.slice(end) : null };
  }

  /** The service wrote the text; it is parsed once for each profile. */
  private profileOf(text: string): Profile | null {
    const known = this.profiles.get(text);
    if (known !== undefined) return known;
    try {
      const context = JSON.parse(text) as PacketContext;
      const zone = this.zones.get(context.zone) ?? new TimeZone(context.zone);
      const channels = new Map(Object.entries(context.channels));
      const profile = { context, edition: context.edition, strict: context.strict, zone, channels };
      if (this.profiles.size >= CACHED) this.profiles.clear();
      this.profiles.set(text, profile);
      this.zones.set(context.zone, zone);
      return profile;
    } catch {
      return null;
    }
  }

  private sourceOf(topic: string): Source | null {
    const known = this.sources.get(topic);
    if (known !== undefined) return known;
    const [root, park, domain, device, leaf, more] = topic.split('/');
    if (root !== 'parks' || domain !== 'wastewater' || leaf !== 'hj212' || more !== undefined) return null;
    if (!park || !device || !isId(park) || !isId(device)) return null;
    const source = { park, device: deviceKey(park, device) };
    if (this.sources.size >= CACHED) this.sources.clear();
    this.sources.set(topic, source);
    return source;
  }
}

/** A first packet is handed on before its line end came: whose it is, and whether to wait for that, was not known. */
function withLineEnd(raw: Uint8Array): Uint8Array {
  return raw.at(-1) === LF ? raw : Uint8Array.of(...raw, CR, LF);
}

/** What was measured at an instant. Values of intervals are figures only: they would pass for measured ones. */
function readingsOf(figures: readonly PacketFigure[]): Reading[] {
  return figures
    .filter(({ basis, part }) => basis === 'instant' && part === 'rtd')
    .map(({ metric, ts, value, flag, quality }) => ({ metric, ts, value, flag, quality }));
}

function refused(code: ItemRejection['code'], reason: string): DecodedEntry {
  return { message: null, rejections: [{ index: null, code, reason }] };
}
