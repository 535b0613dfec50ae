import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from '../sqlite.js';

/** How often the log is copied into the file; between two copies the main thread has only the rest to do. */
const EVERY_MS = 500;

const db = new Sqlite(workerData as string, { fileMustExist: true });
db.pragma('synchronous = FULL');
const checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
const timer = setInterval(() => {
  try {
    checkpoint.all();
  } catch (error) {
    // The commits meet the same disk and say so; here the next round tries again.
    if (!(error instanceof Sqlite.SqliteError)) throw error;
  }
}, EVERY_MS);

parentPort?.once('message', () => {
  clearInterval(timer);
  db.close();
  parentPort?.close();
});
