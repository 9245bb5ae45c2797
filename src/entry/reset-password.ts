// Resets a lost password: npm run reset-password -- <email>
//
// Opens the same database as the gateway, with the same settings. Stop a gateway with an embedded database first: only one
// process at a time can use a data folder.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { foldEmail } from '../domain/check-email.ts';
import { Passwords } from '../accounts/passwords.ts';
import { resetPassword } from '../accounts/reset-password.ts';
import { createLogger } from '../logging/logger.ts';
import { openDatabase } from './open-database.ts';
import { findExitStatus } from './exit-status.ts';
import { readSettings } from '../settings/settings.ts';
import { StoreError } from '../store/store-error.ts';
import { systemRandom } from '../store/random.ts';

/** sysexits.h EX_USAGE: the command was used incorrectly. */
const EXIT_STATUS_USAGE = 64;

/** sysexits.h EX_NOUSER: the specified user does not exist. */
const EXIT_STATUS_NO_USER = 67;

const [emailArgument, ...extraArguments] = process.argv.slice(2);
if (emailArgument === undefined || extraArguments.length > 0) {
  quit(EXIT_STATUS_USAGE, 'usage: npm run reset-password -- <email>');
}
const email = foldEmail(emailArgument);
try {
  const password = await reset(email);
  if (password === null) quit(EXIT_STATUS_NO_USER, `keytide: No open account has the email ${email}.`);
  process.stdout.write(`${email} signs in with the password  ${password}\nAll sessions of the account have ended.\n`);
} catch (error) {
  const status = findExitStatus(error);
  if (status === null) throw error;
  quit(status, `keytide: ${(error as Error).message}`);
}

async function reset(of: string): Promise<string | null> {
  const settings = readSettings(process.env);
  if (settings.databaseUrl === null && !existsSync(join(settings.dataDir, 'postgres'))) {
    throw new StoreError(
      `No database found in the data folder ${settings.dataDir}: set KEYTIDE_DATA_DIR to its folder.`,
    );
  }
  const logger = createLogger({
    level: 'warn',
    format: settings.logFormat,
    isTerminal: process.stderr.isTTY,
    isColored: false,
    write: (entry) => process.stderr.write(entry),
  });
  const random = systemRandom;
  const { store, clock, sealer, close } = await openDatabase(settings, logger, random);
  try {
    const core = { prisma: store.prisma, clock, random, sealer, passwords: new Passwords(random) };
    return (await resetPassword(core, of))?.reveal() ?? null;
  } finally {
    await close();
  }
}

function quit(status: number, line: string): never {
  process.stderr.write(`${line}\n`);
  process.exit(status);
}
