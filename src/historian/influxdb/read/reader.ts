import { HistorianUnavailableError } from '../../port/errors.js';
import { InfluxError } from '../errors.js';
import type { Contact } from '../setup/contact.js';

/** Answers queries after the contact with the server is made. Every failure becomes HistorianUnavailableError. */
export class Reader {
  constructor(private readonly contact: Contact) {}

  async ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      await this.readable();
      return await question();
    } catch (error) {
      throw this.failure(error);
    }
  }

  async *answer<T>(begin: () => AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
    try {
      await this.readable();
      yield* begin();
    } catch (error) {
      throw this.failure(error);
    }
  }

  /** @throws InfluxError also while the server's content is unknown: any answer would have gaps */
  private async readable(): Promise<void> {
    await this.contact.ensure();
    if (this.contact.blind !== null) throw this.contact.blind;
  }

  /** Turns the error of a query into one for the caller. */
  private failure(error: unknown): unknown {
    this.contact.failed(error);
    return error instanceof InfluxError ? new HistorianUnavailableError(error.message, { cause: error }) : error;
  }
}
