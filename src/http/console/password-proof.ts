import type { IncomingMessage } from 'node:http';
import type { Authentication } from '../../accounts/authentication.ts';
import { MINUTE_MS } from '../../domain/duration.ts';
import type { Core } from '../../store/core.ts';
import { SealError } from '../../store/sealing.ts';
import { readCookie, passwordCookieName } from './session-cookie.ts';

/** How long a page may make changes that outlive it after its person gave the password. */
export const PASSWORD_PROOF_MS = 5 * MINUTE_MS;

/** Binds sealed proofs to this purpose: they open for no other. */
const CONTEXT = 'console password';

/** In characters; a proof has about 150. */
const PROOF_LENGTH_MAX = 500;

interface SealedProof {
  readonly sessionId: string;
  readonly until: number;
}

type ProofServices = Pick<Core, 'sealer' | 'clock'>;

/** Returns a proof that the password was given for a session just now. Only this gateway can make or read it. */
export function makePasswordProof({ sealer, clock }: ProofServices, sessionId: string): string {
  const proof: SealedProof = { sessionId, until: clock.now().getTime() + PASSWORD_PROOF_MS };
  return Buffer.from(sealer.seal(JSON.stringify(proof), CONTEXT)).toString('base64url');
}

/** Whether a request has a proof for a session, in its cookie, that is still valid. */
export function hasPasswordProof(
  { sealer, clock }: ProofServices,
  request: IncomingMessage,
  publicUrl: string,
  sessionId: string,
): boolean {
  const text = readCookie(request, passwordCookieName(publicUrl));
  if (text === null || text.length > PROOF_LENGTH_MAX || !/^[\w-]+$/.test(text)) return false;
  try {
    const proof = JSON.parse(sealer.open(Buffer.from(text, 'base64url'), CONTEXT)) as SealedProof;
    return proof.sessionId === sessionId && clock.now().getTime() < proof.until;
  } catch (error) {
    if (error instanceof SealError) return false;
    throw error;
  }
}

/** Returns the authentication of a page whose person has not given the password lately, also when it is repeated. */
export function withoutPassword(authentication: Authentication): Authentication {
  const { caller } = authentication;
  if (caller.kind !== 'ACCOUNT') return authentication;
  return {
    ...authentication,
    caller: { ...caller, needsPassword: true },
    reauthenticate: async () => withoutPassword(await authentication.reauthenticate()),
  };
}
