import { openClient } from '../../client/client.ts';
import { decodeTokenClaims } from './decode-token-claims.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import type { Login } from './stored-login.ts';

const VIEWER_QUERY = `query Viewer { viewer { __typename ... on Account { id name } ... on Key { id name } } }`;

/** Verifies a credential at the gateway and returns its login. Throws ClientError as `Client.ask` does. */
export async function verifyCredential(url: string, credential: Sensitive<string>): Promise<Login> {
  type Data = { readonly viewer: { readonly __typename: string; readonly id: string; readonly name: string } };
  const client = openClient({ url, credential: () => credential.reveal() });
  const { viewer } = await client.ask<Data>({ query: VIEWER_QUERY });
  const { __typename, id, name } = viewer;
  const kind = __typename === 'Key' ? 'KEY' : 'SESSION';
  const { exp } = kind === 'SESSION' ? decodeTokenClaims(credential) : {};
  const expiresAt = typeof exp === 'number' ? new Date(exp * 1000) : null;
  return { url, credential, kind, id, name, expiresAt };
}
