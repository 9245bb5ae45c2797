import type { WarningCode } from '../domain/verification-warning.ts';
import type { Outcome, Purpose } from '../domain/verification.ts';
import type { FollowLine } from './follow-lines.ts';

/** The longest line, in characters: a key with thousands of secrets. */
const LINE_LENGTH_MAX = 16_000_000;

/** A gateway, and the credential to use there. */
export interface GatewayConnection {
  /** Base URL of the gateway, such as https://keys.example.com. */
  readonly url: string;
  /** Returns the secret of the verifier's own key. Called for each request. */
  readonly credential: () => string | Promise<string>;
}

/** The gateway has no answer: it cannot be reached, or refuses the request. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  /** The HTTP status; null: no response. */
  readonly status: number | null;

  constructor(message: string, status: number | null, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** What POST /verify answers. */
export interface GatewayAnswer {
  readonly outcome: Outcome;
  readonly message: string;
  readonly stopsAt: string | null;
  readonly renewalDue: boolean;
  readonly scopeChecked: boolean;
  readonly key: {
    readonly id: string;
    readonly realm: string;
    readonly ownerId: string;
    readonly subject?: { readonly externalId: string } | null;
    readonly labels: readonly { readonly name: string; readonly value: string }[];
    readonly scopes: readonly { readonly action: string; readonly resource: string }[];
  } | null;
  /** Gateways of earlier releases send none. */
  readonly warnings?: readonly { readonly code: WarningCode; readonly message: string; readonly from: string }[];
  /** Sent with the outcome BROWNOUT. */
  readonly brownoutEndsAt?: string;
  readonly asOf: string;
}

/** Asks the gateway about a secret. @throws GatewayError */
export async function askGateway(
  connection: GatewayConnection,
  input: {
    readonly secret: string;
    readonly purpose: Purpose | null;
    readonly consumer: string | null;
    readonly address: string | null;
  },
  signal: AbortSignal,
): Promise<GatewayAnswer> {
  const { secret, purpose, consumer, address } = input;
  const response = await send(connection, '/verify', signal, { secret, ...purpose, consumer, address });
  return (await response.json().catch((cause: unknown) => {
    throw new GatewayError('The gateway’s response is incomplete.', null, { cause });
  })) as GatewayAnswer;
}

/** Reports what was answered from memory. @throws GatewayError */
export async function sendUses(connection: GatewayConnection, report: object, signal: AbortSignal): Promise<void> {
  const { body } = await send(connection, '/uses', signal, report);
  await body?.cancel();
}

/** Yields the lines of /snapshot or /log as they arrive. @throws GatewayError, also if the connection breaks. */
export async function* readLines(
  connection: GatewayConnection,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<FollowLine, void> {
  const { body } = await send(connection, path, signal);
  let rest = '';
  try {
    for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LINE_LENGTH_MAX) throw new GatewayError('The gateway sent a line that is too long.', null);
      for (const line of lines) if (line !== '') yield JSON.parse(line) as FollowLine;
    }
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError('The connection to the gateway broke.', null, { cause });
  }
}

/** Rejects when the signal aborts, so that no wait is longer. */
function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = () =>
      reject(new GatewayError('The credential did not come in time.', null, { cause: signal.reason }));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

async function send(
  { url, credential }: GatewayConnection,
  path: string,
  signal: AbortSignal,
  body?: object,
): Promise<Response> {
  const secret = await Promise.race([credential(), rejectWhenAborted(signal)]);
  const headers = { Authorization: `Bearer ${secret.trim()}` };
  const options: RequestInit =
    body === undefined
      ? { headers }
      : { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  let response: Response;
  try {
    // A redirect could send the credential to another host.
    response = await fetch(`${url.replace(/\/+$/, '')}${path}`, { ...options, redirect: 'manual', signal });
  } catch (cause) {
    throw new GatewayError('The gateway cannot be reached.', null, { cause });
  }
  if (response.status === 200) return response;
  await response.body?.cancel();
  throw new GatewayError(
    `The gateway answered ${path.replace(/\?.*/, '')} with the status ${response.status}.`,
    response.status,
  );
}
