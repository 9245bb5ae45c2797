import { openGateway, type Gateway } from './gateway.ts';
import { ADMIN } from './first-node.ts';

/** A gateway at whose own address the console is open, as with KEYTIDE_PUBLIC_URL. */
export async function openConsoleGateway(options: Parameters<typeof openGateway>[0] = {}): Promise<Gateway> {
  let url = 'http://127.0.0.1:0';
  const gateway = await openGateway({ publicUrl: () => url, ...options });
  url = gateway.url;
  return gateway;
}

/** The headers that a browser sends from a page of the gateway. */
export function ownPage({ url }: Pick<Gateway, 'url'>): Record<string, string> {
  return { Origin: url, 'Sec-Fetch-Site': 'same-origin' };
}

/** Signs in as the console does. Returns the response, and the cookie as a browser sends it back. */
export async function signInByCookie(
  gateway: Pick<Gateway, 'url'>,
  credentials: object = ADMIN,
  headers: Record<string, string> = ownPage(gateway),
): Promise<{ readonly response: Response; readonly cookie: string }> {
  const response = await fetch(`${gateway.url}/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(credentials),
  });
  return { response, cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '' };
}

/** Ends the session of a cookie as the console does. */
export function signOutByCookie(gateway: Pick<Gateway, 'url'>, headers: Record<string, string>): Promise<Response> {
  return fetch(`${gateway.url}/session`, { method: 'DELETE', headers });
}
