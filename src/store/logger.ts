/** Where the store says what it does. A pino logger is one. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
}
