/** Limit profile of meters on 220/380 V: only there do the voltage limits in volts mean anything. */
export const LOW_VOLTAGE = 'low-voltage';

/** That of the meter on the 0.4 kV side of a transformer, with the same limits: what it loses, its place loses. */
export const TRANSFORMER = 'transformer';

/** That of the meter of a park's 10 kV supply. */
export const INCOMER = 'incomer-10kv';

/** Limit profile of electroplating works in Wenzhou, whose limits are those of DB33/ 2260-2020. */
export const ELECTROPLATING = 'electroplating';

/** Limit profile of hydrants on the municipal mains. */
export const MUNICIPAL_HYDRANT = 'municipal-hydrant';
