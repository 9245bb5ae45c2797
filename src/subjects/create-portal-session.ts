import { actorOf } from '../domain/event.ts';
import { fail, isFailure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { addMs } from '../domain/key.ts';
import { formatDuration } from '../domain/duration.ts';
import type { Caller } from '../domain/caller.ts';
import {
  newPortalToken,
  portalActions,
  portalCodeOf,
  portalDigest,
  portalLifetimes,
  type PortalAction,
} from '../domain/portal.ts';
import { badUserInput } from '../domain/request-error.ts';
import { lockCaller } from '../keys/recheck-caller.ts';
import type { Change } from '../log/change.ts';
import type { Delivery } from '../log/idempotency.ts';
import { useCase } from '../log/use-case.ts';
import { lockSubject, type SubjectName } from './lock-subject.ts';

export interface CreatePortalSessionInput extends SubjectName {
  readonly may: readonly PortalAction[];
  /** Null: an hour. */
  readonly lifetimeMs: number | null;
  /** The page that the URL leads to; null: the root of the realm's first origin. */
  readonly page: string | null;
}

export type PortalSessionCreation = {
  readonly sessionId: string;
  readonly expiresAt: Date;
  readonly createdAt: Date;
  /** The page of the URL; null: the realm has no origin, so that there is no URL. */
  readonly page: string | null;
  readonly delivery: Delivery;
};

interface Target {
  readonly subjectId: string;
  readonly realmId: string;
  readonly page: string | null;
  readonly lifetimeMs: number;
}

/**
 * Creates a portal session: a token with which a browser sees and manages the keys of one subject, and nothing else. It ends by
 * itself after at most an hour, and at once with its subject, or with the key that made it.
 */
export const createPortalSession = useCase<CreatePortalSessionInput, Target, PortalSessionCreation>()({
  name: 'createPortalSession',
  guessable: ['externalId'],

  async authorize(change, caller, input) {
    const lifetimeMs = checkLifetime(input.lifetimeMs);
    checkActions(input.may);
    // As at the issue of a key: the calling key is locked before the subject.
    const creator = caller.kind === 'KEY' ? (await lockCaller(change, caller)).caller : caller;
    const subject = await lockSubject(change, creator, input);
    if (isFailure(subject)) return subject;
    if (subject.disabledAt !== null) {
      return fail('SubjectNotActive', 'The subject is disabled.', { path: ['input', 'externalId'] });
    }
    const { portalOrigins } = await change.tx.realm.findUniqueOrThrow({
      where: { id: subject.realmId },
      select: { portalOrigins: true },
    });
    const page = choosePage(input.page, portalOrigins);
    return { subjectId: subject.id, realmId: subject.realmId, page, lifetimeMs };
  },

  async run(change, caller, { may }, { subjectId, realmId, page, lifetimeMs }) {
    const { tx, core } = change;
    const at = change.now();
    const id = newId('portal', at, core.random);
    const token = newPortalToken(core.random);
    const code = portalCodeOf(token);
    const expiresAt = addMs(at, lifetimeMs);
    const allowed = portalActions.filter((action) => may.includes(action));
    await tx.portalSession.create({
      data: {
        id,
        realmId,
        subjectId,
        ...(await findMaker(change, caller)),
        tokenDigest: portalDigest(token),
        codeDigest: portalDigest(code),
        sealedToken: core.sealer.derive('portal', code.reveal()).seal(token.reveal(), id),
        may: allowed,
        createdAt: at,
        expiresAt,
      },
    });
    const data = { sessionId: id, may: allowed, expiresAt: expiresAt.toISOString() };
    const about = { at, realmId, ownerId: subjectId, actor: actorOf(caller) };
    change.record({ type: 'PORTAL_SESSION_CREATED', ...about, data });
    return { sessionId: id, expiresAt, createdAt: at, page, delivery: { of: id, text: token } };
  },
});

/** Returns the columns that say who made a session. A key is locked: its later events end the session. */
async function findMaker({ tx }: Change, caller: Caller) {
  if (caller.kind === 'ACCOUNT') return { accountId: caller.id };
  if (caller.kind !== 'KEY') throw new Error('only accounts and keys are authorized');
  const newest = await tx.event.aggregate({ where: { keyId: caller.id }, _max: { position: true } });
  return { managerId: caller.id, managerPosition: newest._max.position ?? 0n };
}

function checkLifetime(lifetimeMs: number | null): number {
  const { shortest, longest } = portalLifetimes;
  const ms = lifetimeMs ?? portalLifetimes.default;
  if (ms >= shortest && ms <= longest) return ms;
  const expected = `${formatDuration(shortest)} to ${formatDuration(longest)}`;
  throw badUserInput(`lifetime: found ${formatDuration(ms)}; expected ${expected}.`, ['input', 'lifetime']);
}

function checkActions(may: readonly PortalAction[]): void {
  if (may.length > 0) return;
  throw badUserInput(`may: found nothing; expected at least one of ${portalActions.join(', ')}.`, ['input', 'may']);
}

/** Returns the page of the URL. @throws BAD_USER_INPUT for a page of another origin, which the code must not reach. */
function choosePage(page: string | null, origins: readonly string[]): string | null {
  if (page === null) return origins[0] === undefined ? null : `${origins[0]}/`;
  const url = URL.canParse(page) ? new URL(page) : null;
  if (url !== null && url.hash === '' && !page.includes('#') && origins.includes(url.origin)) return url.href;
  const expected = 'the URL of a page at one of the portalOrigins of the realm, without a fragment';
  throw badUserInput(`page: found another text; expected ${expected}.`, ['input', 'page']);
}
