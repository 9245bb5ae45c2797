import { BackupFileError } from '../backup/backup-file.ts';
import { EXIT_STATUS_SETTINGS, SettingsError } from '../settings/settings.ts';
import { SealingKeyError } from '../store/sealing-key.ts';
import { StoreError } from '../store/store-error.ts';

/** sysexits.h EX_UNAVAILABLE: something that the gateway needs is unavailable. */
const EXIT_STATUS_UNAVAILABLE = 69;

/** sysexits.h EX_CANTCREAT: an output file cannot be written. */
const EXIT_STATUS_CANNOT_CREATE = 73;

/** Returns the exit status for an error that the operator can fix and whose message is one line; null for a bug. */
export function findExitStatus(error: unknown): number | null {
  if (error instanceof SettingsError || error instanceof SealingKeyError) return EXIT_STATUS_SETTINGS;
  if (error instanceof BackupFileError) return EXIT_STATUS_CANNOT_CREATE;
  if (error instanceof StoreError || isListenError(error)) return EXIT_STATUS_UNAVAILABLE;
  return null;
}

function isListenError(error: unknown): boolean {
  return (
    error instanceof Error && 'syscall' in error && (error.syscall === 'listen' || error.syscall === 'getaddrinfo')
  );
}
