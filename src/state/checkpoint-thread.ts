import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from '../sqlite.js';

/** Time between two checkpoints; SQLite on the main thread copies only what the log gained since the last one. */
const EVERY_MS = 500;

const db = new Sqlite(workerData as string, { fileMustExist: true });
db.pragma('synchronous = FULL');
const checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
const timer = setInterval(() => {
  try {
    checkpoint.all();
  } catch (error) {
    // The commits meet the same disk and report it; this thread tries again in the next round.
    if (!(error instanceof Sqlite.SqliteError)) throw error;
  }
}, EVERY_MS);

parentPort?.once('message', () => {
  clearInterval(timer);
  db.close();
  parentPort?.close();
});
