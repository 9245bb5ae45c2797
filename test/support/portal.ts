import type { Gateway } from './gateway.ts';

/** A portal session as a backend gets it. */
export interface CreatedPortalSession {
  readonly sessionId: string;
  readonly token: string;
  readonly url: string | null;
  readonly expiresAt: string;
}

export const CREATE_PORTAL_SESSION = /* GraphQL */ `
  mutation ($input: CreatePortalSessionInput!) {
    createPortalSession(input: $input) {
      __typename
      ... on CreatePortalSessionSuccess {
        sessionId
        token
        url
        expiresAt
      }
      ... on UserError {
        code
        message
      }
    }
  }
`;

export const END_PORTAL_SESSIONS = /* GraphQL */ `
  mutation ($input: EndPortalSessionsInput!) {
    endPortalSessions(input: $input) {
      __typename
      ... on EndPortalSessionsSuccess {
        endedCount
        subject {
          id
        }
      }
      ... on UserError {
        code
      }
    }
  }
`;

export const everyPortalAction = ['LIST', 'ISSUE', 'RENEW', 'ROTATE', 'REVOKE', 'EVENTS'];

/** Creates a portal session, by default one of the realm `default` that may do everything. */
export async function createPortalSession(
  gateway: Gateway,
  credential: string,
  externalId: string,
  input: object = {},
): Promise<CreatedPortalSession> {
  const all = { realm: 'default', externalId, may: everyPortalAction, ...input };
  const { data, errors } = await gateway.ask(CREATE_PORTAL_SESSION, { input: all }, credential);
  const created = data?.['createPortalSession'];
  if (created?.sessionId === undefined) throw new Error(JSON.stringify(errors ?? created));
  return created;
}
