/** The log of the store. A pino logger implements it. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
}
