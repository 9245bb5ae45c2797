import { join } from 'node:path';
import { Sensitive } from '../../domain/sensitive.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { makeFolder, type Folders } from '../folders.ts';
import { removeFile, writeFileAtomically } from '../places/atomic-file.ts';
import { readPrivateFile } from '../private-file.ts';

/** Who the command asks as, and where. */
export interface Login {
  /** The gateway's base. */
  readonly url: string;
  /** A session token, or the secret of a key. */
  readonly credential: Sensitive<string>;
  readonly kind: 'SESSION' | 'KEY';
  /** The account's or the key's. */
  readonly id: string;
  readonly name: string;
  /** When the session is over, by this machine's clock; null: it is a key's, or not known. */
  readonly expiresAt: Date | null;
}

/** The file that holds the login, for its owner alone. */
export function loginFile({ state }: Folders): string {
  return join(state, 'login.json');
}

/** The login of this machine; null: there is none. @throws CommandError as `readPrivate`, DATA when the file is none of ours. */
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
  throw new CommandError(exitStatus.DATA, `${loginFile(folders)} is no login: run keytide login anew.`);
}

/** Keeps a login in place of what there was. */
export async function writeLogin(folders: Folders, login: Login): Promise<void> {
  await makeFolder(folders.state);
  const { credential, expiresAt, ...facts } = login;
  const kept = { ...facts, credential: credential.reveal(), expiresAt: expiresAt?.toISOString() ?? null };
  await writeFileAtomically(loginFile(folders), `${JSON.stringify(kept, null, 2)}\n`);
}

/** Forgets the login. */
export function removeLogin(folders: Folders): Promise<void> {
  return removeFile(loginFile(folders));
}

function parseLogin(text: string): Login | null {
  try {
    const { url, credential, kind, id, name, expiresAt } = JSON.parse(text) as Record<string, unknown>;
    const areTexts = [url, credential, id, name].every((value) => typeof value === 'string');
    if (!areTexts || (kind !== 'SESSION' && kind !== 'KEY')) return null;
    const ends = typeof expiresAt === 'string' ? new Date(expiresAt) : null;
    return { url, kind, id, name, credential: new Sensitive(credential), expiresAt: ends } as Login;
  } catch {
    return null;
  }
}
