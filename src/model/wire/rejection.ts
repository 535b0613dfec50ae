/** Why ingest rejects an item or a message. The codes are part of the contract with gateways. */
export const REJECTION_CODES = [
  'invalid_topic',
  'invalid_json',
  'payload_too_large',
  'too_many_items',
  'empty_message',
  'invalid_item',
  'invalid_ts',
  'ts_in_future',
  'ts_too_old',
  'invalid_value',
  'invalid_flag',
  'unknown_metric',
  'unknown_device',
  // No longer used: ids belong to parks. Messages in quarantine may contain it.
  'device_in_other_park',
  'device_in_other_domain',
  'device_of_other_gateway',
  'device_limit',
  'device_retired',
  'device_moved',
  'store_refused',
  'invalid_packet',
  'undecrypted_packet',
] as const;
export type RejectionCode = (typeof REJECTION_CODES)[number];
