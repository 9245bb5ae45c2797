import type { IncomingMessage } from 'node:http';
import { authenticate } from '../accounts/authenticate.ts';
import { exchangeOf } from './http-exchange.ts';

/** Returns whether the Authorization header of a request is valid. The request's body is not read. */
export async function isAuthenticated(
  services: Parameters<typeof authenticate>[0],
  request: IncomingMessage,
): Promise<boolean> {
  try {
    const { address } = exchangeOf(request);
    const { caller } = await authenticate(services, request.headers.authorization ?? null, address);
    return caller.kind !== 'ANONYMOUS';
  } catch {
    return false;
  }
}
