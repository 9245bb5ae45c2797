import { readOutcome } from '../../api/client.ts';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { FormProblem } from '../../parts/fields.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { useSession } from '../../session/session-context.ts';
import { announce } from '../../shell/announce.tsx';
import { OwnInvitationsQuery, ownInvitationsOf, setMemberDocument } from './organization-query.ts';

type Invitation = ReturnType<typeof ownInvitationsOf>[number];

/** The organizations that invite the person at the page: to accept or to decline. */
export function OwnInvitations() {
  const { account } = useSession();
  const [state] = useLiveQuery({
    query: OwnInvitationsQuery,
    variables: {},
    concerns: ({ type }) => type === 'ACCOUNT_INVITED' || type === 'ORGANIZATION_MEMBER_CHANGED',
  });
  const [setMember, { isRunning, problem }] = useChange(setMemberDocument, 'setMember');
  const { data } = readOutcome(state);
  const invitations = data === null ? [] : ownInvitationsOf(data);
  if (invitations.length === 0) return null;
  const answer = async ({ organizationId, organizationName, role }: Invitation, isAccepted: boolean) => {
    if (isRunning) return;
    const input = { organizationId, accountId: account.id, idempotencyKey: newIdempotencyKey() };
    if ((await setMember({ input: { ...input, ...(isAccepted && { role }) } })) === null) return;
    announce(isAccepted ? `You belong to ${organizationName}.` : `You have declined ${organizationName}.`);
  };
  return (
    <section className="notice" aria-label="Invitations">
      <h2>You are invited</h2>
      <ul className="plain-list">
        {invitations.map((invitation) => (
          <li key={invitation.organizationId} className="listed">
            <span>
              {invitation.organizationName} as {invitation.role}, by {invitation.invitedBy}, until{' '}
              <MomentButton at={invitation.expiresAt} />
            </span>
            <span className="buttons">
              <button
                type="button"
                aria-label={`Decline ${invitation.organizationName}`}
                onClick={() => void answer(invitation, false)}
              >
                Decline
              </button>
              <button
                type="button"
                className="primary"
                aria-label={`Join ${invitation.organizationName}`}
                onClick={() => void answer(invitation, true)}
              >
                Join
              </button>
            </span>
          </li>
        ))}
      </ul>
      <FormProblem text={problem} />
    </section>
  );
}
