import '../lists.css';
import { useState } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { FormProblem } from '../../parts/fields.tsx';
import { InviteDialog } from '../../parts/invite-dialog.tsx';
import { LiveContent } from '../../parts/live-content.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { roleMeanings } from '../../parts/role-meanings.ts';
import { StateOfAccount } from '../../parts/state-of-account.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { announce } from '../../shell/announce.tsx';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { AddMember } from './add-member.tsx';
import { RenameDialog } from './rename-dialog.tsx';
import { OrganizationQuery, setMemberDocument, type OrganizationDetails } from './organization-query.ts';

const roles = ['OWNER', 'ADMIN', 'MEMBER'] as const;

/** An organization: its members with their roles, who is invited, and its keys. */
export default function OrganizationPage({ id }: { readonly id: string }) {
  const [state, readAgain] = useLiveQuery({
    query: OrganizationQuery,
    variables: { id },
    concerns: ({ type }) => type.startsWith('ORGANIZATION_') || type.startsWith('ACCOUNT_'),
  });
  return (
    <LiveContent of={state} what="the organization" onRetry={readAgain}>
      {({ organization }) => (organization === null ? <MissingOrganization /> : <OrganizationView of={organization} />)}
    </LiveContent>
  );
}

function MissingOrganization() {
  return (
    <>
      <PageTitle title="There is no such organization" />
      <p>
        It does not exist, or you may not see it. <Link href={paths.organizations}>All organizations</Link>
      </p>
    </>
  );
}

function OrganizationView({ of: organization }: { readonly of: OrganizationDetails }) {
  const { account } = useSession();
  const [isInviting, setInviting] = useState(false);
  const [isRenaming, setRenaming] = useState(false);
  const { id, name, members, createdAt } = organization;
  const ownRole = members.find((member) => member.account.id === account.id)?.role;
  const mayManage = account.isAdministrator || ownRole === 'OWNER' || ownRole === 'ADMIN';
  return (
    <>
      <p className="quiet">
        <Link href={paths.organizations}>Organizations</Link>
      </p>
      <div className="title-row">
        <PageTitle title={name} />
        <div className="buttons">
          <Link className="button" href={`${paths.keys}?owner=${encodeURIComponent(id)}`}>
            Its keys
          </Link>
          {mayManage && (
            <button type="button" onClick={() => setRenaming(true)}>
              Rename
            </button>
          )}
          {mayManage && (
            <button type="button" className="primary" onClick={() => setInviting(true)}>
              Invite a person
            </button>
          )}
        </div>
      </div>
      <div className="stack">
        <Members
          of={organization}
          mayManage={mayManage}
          mayGrantOwner={account.isAdministrator || ownRole === 'OWNER'}
        />
        <p className="quiet">
          Made <MomentButton at={createdAt} />
        </p>
      </div>
      {isRenaming && <RenameDialog of={organization} onClose={() => setRenaming(false)} />}
      {isInviting && <InviteDialog organizations={[{ id, name }]} isFixed onClose={() => setInviting(false)} />}
    </>
  );
}

interface MembersProps {
  readonly of: OrganizationDetails;
  readonly mayManage: boolean;
  readonly mayGrantOwner: boolean;
}

type Member = OrganizationDetails['members'][number];

/** A role that a person has chosen for a member, and that is not given yet. */
interface ChosenRole {
  readonly member: Member;
  readonly role: Member['role'];
}

/** The members, whose roles those who manage the organization change, and the invited accounts. */
function Members({ of: { id, name, members, invitations }, mayManage, mayGrantOwner }: MembersProps) {
  const { account: own } = useSession();
  const [removed, setRemoved] = useState<Member['account'] | null>(null);
  const [chosen, setChosen] = useState<ChosenRole | null>(null);
  const [setMember, { isRunning, problem }] = useChange(setMemberDocument, 'setMember');
  const withdraw = async (accountId: string) => {
    if (isRunning) return;
    const input = { organizationId: id, accountId, idempotencyKey: newIdempotencyKey() };
    if ((await setMember({ input })) !== null) announce('The invitation is taken back.');
  };
  const mayChange = ({ role }: Member) => mayManage && (role !== 'OWNER' || mayGrantOwner);
  return (
    <section className="sheet">
      <h2>Members</h2>
      <DataTable name="Members" columns={['Name', 'Role', 'State', 'Since', '']}>
        {members.map((member) => {
          const { account, role, since } = member;
          return (
            <tr key={account.id}>
              <td>
                <Link href={paths.person(account.id)}>{account.name}</Link>
              </td>
              <td>
                {mayChange(member) ? (
                  <select
                    aria-label={`Role of ${account.name}`}
                    value={role}
                    onChange={({ target }) => setChosen({ member, role: target.value as Member['role'] })}
                  >
                    {roles
                      .filter((one) => one !== 'OWNER' || mayGrantOwner)
                      .map((one) => (
                        <option key={one}>{one}</option>
                      ))}
                  </select>
                ) : (
                  role
                )}
              </td>
              <td>
                <StateOfAccount disabledAt={account.disabledAt} />
              </td>
              <td>
                <MomentButton at={since} />
              </td>
              <td>
                {(mayChange(member) || account.id === own.id) && (
                  <div className="buttons">
                    <button
                      type="button"
                      aria-label={`${account.id === own.id ? 'Leave as' : 'Remove'} ${account.name}`}
                      onClick={() => setRemoved(account)}
                    >
                      {account.id === own.id ? 'Leave' : 'Remove'}
                    </button>
                  </div>
                )}
              </td>
            </tr>
          );
        })}
        {invitations.map(({ accountId, role, invitedBy, expiresAt }) => (
          <tr key={accountId}>
            <td>
              <code>{accountId}</code> <span className="quiet">invited by {invitedBy}</span>
            </td>
            <td>{role}</td>
            <td>has not answered</td>
            <td>
              until <MomentButton at={expiresAt} />
            </td>
            <td>
              <div className="buttons">
                <button
                  type="button"
                  aria-label={`Take back the invitation of ${accountId}`}
                  onClick={() => void withdraw(accountId)}
                >
                  Take back
                </button>
              </div>
            </td>
          </tr>
        ))}
      </DataTable>
      <FormProblem text={problem} />
      {mayManage && <AddMember organizationId={id} mayGrantOwner={mayGrantOwner} />}
      {chosen !== null && <RoleDialog organizationId={id} of={chosen} onClose={() => setChosen(null)} />}
      {removed !== null && (
        <RemoveDialog organization={{ id, name }} account={removed} onClose={() => setRemoved(null)} />
      )}
    </section>
  );
}

interface RoleDialogProps {
  readonly organizationId: string;
  readonly of: ChosenRole;
  readonly onClose: () => void;
}

/** Asks whether a member is to have another role: a key pressed in the list must not give one. */
function RoleDialog({ organizationId, of: { member, role }, onClose }: RoleDialogProps) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [setMember, state] = useChange(setMemberDocument, 'setMember');
  const { id: accountId, name } = member.account;
  return (
    <AskDialog
      title={`Give ${name} the role ${role}`}
      button="Change the role"
      done={`${name} has the role ${role}.`}
      state={state}
      run={() => setMember({ input: { organizationId, accountId, role, idempotencyKey } })}
      onClose={onClose}
    >
      <p>
        {name} has the role {member.role} now. {role}: {roleMeanings[role]}.
      </p>
    </AskDialog>
  );
}

interface RemoveDialogProps {
  readonly organization: { readonly id: string; readonly name: string };
  readonly account: { readonly id: string; readonly name: string };
  readonly onClose: () => void;
}

function RemoveDialog({ organization, account, onClose }: RemoveDialogProps) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [setMember, state] = useChange(setMemberDocument, 'setMember');
  const isOwn = account.id === useSession().account.id;
  return (
    <AskDialog
      title={isOwn ? `Leave ${organization.name}` : `Remove ${account.name} from ${organization.name}`}
      button={isOwn ? 'Leave' : 'Remove'}
      done={isOwn ? `You have left ${organization.name}.` : `${account.name} is removed.`}
      isDanger
      state={state}
      run={() => setMember({ input: { organizationId: organization.id, accountId: account.id, idempotencyKey } })}
      onClose={onClose}
    >
      <p>The keys of the organization stay, also those that {account.name} issued.</p>
    </AskDialog>
  );
}
