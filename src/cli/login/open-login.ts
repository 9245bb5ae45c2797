import { openClient, type Client } from '../../client/client.ts';
import type { CommandContext } from '../context.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { readLogin, type Login } from './stored-login.ts';

/** A client that authenticates with the stored login. */
export interface AuthenticatedClient {
  readonly login: Login;
  readonly client: Client;
}

/**
 * Opens a client with the stored login. @throws CommandError NO_PERMISSION if the login is missing, or its session has
 * expired.
 */
export async function openLogin({
  folders,
  now,
}: Pick<CommandContext, 'folders' | 'now'>): Promise<AuthenticatedClient> {
  const login = await readLogin(folders);
  if (login === null) throw new CommandError(exitStatus.NO_PERMISSION, 'Not logged in: run keytide login.');
  const { url, credential, expiresAt } = login;
  if (expiresAt !== null && expiresAt <= now()) {
    const found = `The session expired at ${expiresAt.toISOString()}`;
    throw new CommandError(exitStatus.NO_PERMISSION, `${found}: run keytide login.`);
  }
  return { login, client: openClient({ url, credential: () => credential.reveal() }) };
}
