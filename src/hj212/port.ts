import type { LoggerInput, LoggerProfile } from './model/profile.js';

/** The loggers that may connect, and how each speaks. */
export interface Loggers {
  /** By MN. */
  list(): readonly LoggerProfile[];
  get(mn: string): LoggerProfile | undefined;
  /**
   * Makes a logger or changes one; durable and audited when it returns. An outlet moves to another park as a new logger.
   * @throws RegistryError when refused
   * @throws StorageUnavailableError
   */
  put(input: LoggerInput, who: string): { readonly logger: LoggerProfile; readonly created: boolean };
  /** @throws RegistryError for an unknown logger */
  remove(mn: string, who: string): void;
  /** Whether it is the logger's password, in constant time; any is, where the logger has none. False for an unknown MN. */
  isPassword(mn: string, password: string): boolean;
  /** The keys that are valid at `at`, epoch ms, the newest first; 16 bytes each. */
  keysAt(mn: string, at: number): readonly Uint8Array[];
}
