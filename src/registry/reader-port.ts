/** What other threads may ask of the registry, each through a read-only connection of its own. */
export { type DeviceTags, type DeviceTagsReader, openDeviceTags } from './devices/device-tags.js';
export { type MaxRateChange, type MaxRatesReader, openMaxRates } from './devices/max-rates-reader.js';
