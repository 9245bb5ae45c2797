import { join } from 'node:path';
import { Sensitive } from '../../domain/sensitive.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { makeFolder, type Folders } from '../folders.ts';
import { removeFile, writeFileAtomically } from '../deployers/files/atomic-file.ts';
import { readPrivateFile } from '../private-file.ts';

/** The gateway and the credential that commands use. */
export interface Login {
  /** Base URL of the gateway. */
  readonly url: string;
  /** A session token, or the secret of a key. */
  readonly credential: Sensitive<string>;
  readonly kind: 'SESSION' | 'KEY';
  /** The id of the account or key. */
  readonly id: string;
  readonly name: string;
  /**
   * When the session expires, by this machine's clock; null: the credential is a key's secret, or the expiry is
   * unknown.
   */
  readonly expiresAt: Date | null;
}

/** Returns the path of the login file. */
export function loginFile({ state }: Folders): string {
  return join(state, 'login.json');
}

/**
 * Reads the login of this machine; null: there is none. @throws CommandError DATA if the file is invalid, else as
 * `readPrivateFile`.
 */
export async function readLogin(folders: Folders): Promise<Login | null> {
  let text: string;
  try {
    text = (await readPrivateFile(loginFile(folders))).reveal();
  } catch (error) {
    if (error instanceof CommandError && error.status === exitStatus.NO_INPUT) return null;
    throw error;
  }
  const login = parseLogin(text);
  if (login !== null) return login;
  throw new CommandError(exitStatus.DATA, `${loginFile(folders)} does not hold a login: run keytide login again.`);
}

/** Stores a login and replaces the previous one. */
export async function writeLogin(folders: Folders, login: Login): Promise<void> {
  await makeFolder(folders.state);
  const { credential, expiresAt, ...facts } = login;
  const stored = { ...facts, credential: credential.reveal(), expiresAt: expiresAt?.toISOString() ?? null };
  await writeFileAtomically(loginFile(folders), `${JSON.stringify(stored, null, 2)}\n`);
}

/** Deletes the login. */
export function removeLogin(folders: Folders): Promise<void> {
  return removeFile(loginFile(folders));
}

function parseLogin(text: string): Login | null {
  try {
    const { url, credential, kind, id, name, expiresAt } = JSON.parse(text) as Record<string, unknown>;
    const areTexts = [url, credential, id, name].every((value) => typeof value === 'string');
    if (!areTexts || (kind !== 'SESSION' && kind !== 'KEY')) return null;
    const expiry = typeof expiresAt === 'string' ? new Date(expiresAt) : null;
    return { url, kind, id, name, credential: new Sensitive(credential), expiresAt: expiry } as Login;
  } catch {
    return null;
  }
}
