import { useState } from 'react';
import { readOutcome } from '../../api/client.ts';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { Problem } from '../../parts/problem.tsx';
import { InvitationsQuery, withdrawDocument, type OpenInvitation } from './people-query.ts';

/** The open invitations: for administrators all, else those of the person at the page. */
export function Invitations() {
  const [withdrawn, setWithdrawn] = useState<OpenInvitation | null>(null);
  const [state, readAgain] = useLiveQuery({
    query: InvitationsQuery,
    variables: {},
    concerns: ({ type }) => type.startsWith('ACCOUNT_'),
  });
  if (state.data === undefined && state.error === undefined) return null;
  const { data, problem } = readOutcome(state);
  if (problem !== null)
    return <Problem title="The invitations could not be read" message={problem} onRetry={readAgain} />;
  const invitations = data.invitations.edges.map(({ node }) => node);
  if (invitations.length === 0) return null;
  return (
    <section className="sheet">
      <h2>Invited</h2>
      <DataTable name="Invitations" columns={['Email', 'As', 'Invited by', 'Until', '']}>
        {invitations.map((invitation) => (
          <tr key={invitation.invitationId}>
            <td>{invitation.email}</td>
            <td>{roleIn(invitation)}</td>
            <td>{invitation.invitedBy}</td>
            <td>
              <MomentButton at={invitation.expiresAt} />
            </td>
            <td>
              <div className="buttons">
                <button
                  type="button"
                  aria-label={`Take back the invitation of ${invitation.email}`}
                  onClick={() => setWithdrawn(invitation)}
                >
                  Take back
                </button>
              </div>
            </td>
          </tr>
        ))}
      </DataTable>
      {withdrawn !== null && <WithdrawDialog of={withdrawn} onClose={() => setWithdrawn(null)} />}
    </section>
  );
}

function roleIn({ isAdministrator, role, organizationName }: OpenInvitation): string {
  const inOrganization = role === null || organizationName === null ? null : `${role} of ${organizationName}`;
  const parts = [isAdministrator ? 'administrator' : null, inOrganization].filter((part) => part !== null);
  return parts.length === 0 ? 'person' : parts.join(', ');
}

function WithdrawDialog({
  of: { invitationId, email },
  onClose,
}: {
  readonly of: OpenInvitation;
  readonly onClose: () => void;
}) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [withdraw, state] = useChange(withdrawDocument, 'withdrawInvitation');
  return (
    <AskDialog
      title={`Take the invitation of ${email} back`}
      button="Take back"
      done={`The invitation of ${email} is taken back.`}
      state={state}
      run={() => withdraw({ input: { invitationId, idempotencyKey } })}
      onClose={onClose}
    >
      <p>The link that you handed over leads nowhere then. You can invite the same address again.</p>
    </AskDialog>
  );
}
