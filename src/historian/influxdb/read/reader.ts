import { HistorianUnavailableError } from '../../port/errors.js';
import { InfluxError } from '../errors.js';
import type { Contact } from '../setup/contact.js';

/** Has questions answered once the contact with the server is made. Whatever they fail with is HistorianUnavailableError. */
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

  /** @throws InfluxError also where what the server has is not known: any answer would have gaps */
  private async readable(): Promise<void> {
    await this.contact.ensure();
    if (this.contact.blind !== null) throw this.contact.blind;
  }

  /** What a question failed with, as who asked it is to be told. */
  private failure(error: unknown): unknown {
    this.contact.failed(error);
    return error instanceof InfluxError ? new HistorianUnavailableError(error.message, { cause: error }) : error;
  }
}
