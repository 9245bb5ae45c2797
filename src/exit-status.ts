import { EXIT_STATUS_SETTINGS, SettingsError } from './settings.ts';
import { SealingKeyError } from './store/sealing-key.ts';
import { StoreError } from './store/store-error.ts';

/** sysexits.h EX_UNAVAILABLE: something that the gateway needs is not to be had. */
const EXIT_STATUS_UNAVAILABLE = 69;

/** The status with which a process ends for something that its user can mend, told in one line; null: a fault of ours. */
export function findExitStatus(error: unknown): number | null {
  if (error instanceof SettingsError || error instanceof SealingKeyError) return EXIT_STATUS_SETTINGS;
  if (error instanceof StoreError || isListenError(error)) return EXIT_STATUS_UNAVAILABLE;
  return null;
}

function isListenError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'listen';
}
