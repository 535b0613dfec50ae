import { InfluxError } from '../errors.js';
import { DAY_S, isForbidden, missingPart, type SetUp, type WantedBucket } from './common.js';

/** 3 Core: a database; its retention can be set only when it is created. */
export async function setUpV3({ transport, warn }: SetUp, { name, keepS }: WantedBucket): Promise<void> {
  if (await exists(transport, name)) return;
  const days = Math.round(keepS / DAY_S);
  const make = (more: object) => transport.admin('POST', '/api/v3/configure/database', { db: name, ...more });
  try {
    try {
      await make(keepS === 0 ? {} : { retention_period: `${days}d` });
    } catch (error) {
      // Early releases have no retention.
      if (keepS === 0 || !(error instanceof InfluxError) || error.remedy !== 'split') throw error;
      await make({});
      warn(`database ${name} keeps readings for good: this InfluxDB has no retention (${error.words})`);
    }
  } catch (error) {
    if (error instanceof InfluxError && error.status === 409) return;
    if (!isForbidden(error)) throw error;
    const retention = keepS === 0 ? '' : ` --retention-period ${days}d`;
    throw missingPart(
      `there is no database ${name} at ${transport.where}`,
      `influxdb3 create database${retention} ${name}`,
      error,
    );
  }
}

/** False also if the token may not ask. */
async function exists(transport: SetUp['transport'], name: string): Promise<boolean> {
  try {
    const answer = await transport.admin('GET', '/api/v3/configure/database?format=json');
    return Array.isArray(answer) && answer.some((row: Record<string, unknown>) => row['iox::database'] === name);
  } catch (error) {
    if (isForbidden(error)) return false;
    throw error;
  }
}
