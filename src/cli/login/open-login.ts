import { openClient, type Client } from '../../client/client.ts';
import type { CommandContext } from '../context.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { readLogin, type Login } from './stored-login.ts';

/** A client that asks as whoever is logged in. */
export interface AuthenticatedClient {
  readonly login: Login;
  readonly client: Client;
}

/** @throws CommandError NO_PERMISSION when nobody is logged in, or the session is over. */
export async function openLogin({
  folders,
  now,
}: Pick<CommandContext, 'folders' | 'now'>): Promise<AuthenticatedClient> {
  const login = await readLogin(folders);
  if (login === null) throw new CommandError(exitStatus.NO_PERMISSION, 'Nobody is logged in: run keytide login.');
  const { url, credential, expiresAt } = login;
  if (expiresAt !== null && expiresAt <= now()) {
    const since = `The session was over at ${expiresAt.toISOString()}`;
    throw new CommandError(exitStatus.NO_PERMISSION, `${since}: run keytide login.`);
  }
  return { login, client: openClient({ url, credential: () => credential.reveal() }) };
}
