import { useState } from 'react';
import { useQuery } from 'urql';
import { readOutcome } from '../api/client.ts';
import { RulesQuery, SECRET_MEANING, type IssueRules } from '../pages/issue/issue-query.ts';
import { StopOfNewKey } from '../pages/issue/put-to-use.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { LostDialog } from '../parts/lost-dialog.tsx';
import { Problem } from '../parts/problem.tsx';
import { useShowOnce } from '../parts/shown-once.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { MyKeyForm, type IssuedKey, type RulesOfCustomer } from './my-key-form.tsx';
import type { PortalRights } from './portal-query.ts';

interface IssueDialogProps {
  readonly rights: PortalRights;
  readonly onClose: (isIssued: boolean) => void;
}

/** Issues a key within what the customer may give, and shows its secret, once. */
export function IssueDialog({ rights, onClose }: IssueDialogProps) {
  const [isLost, setLost] = useState(false);
  const showOnce = useShowOnce();
  const { slug } = rights.subject.realm;
  const [state, readAgain] = useQuery({ query: RulesQuery, variables: { realm: slug, owner: null } });
  if (isLost) {
    return (
      <LostDialog what="secret" done="The key was issued" onClose={() => onClose(true)}>
        rotate the key: it gets another secret.
      </LostDialog>
    );
  }
  const show = ({ secret, key }: IssuedKey) => {
    if (secret === null) return setLost(true);
    onClose(true);
    showOnce({
      title: `The secret of “${key.name}”`,
      what: 'secret',
      text: secret,
      meaning: SECRET_MEANING,
      details: <StopOfNewKey at={key.stopsAt} />,
    });
  };
  const isWaiting = state.data === undefined && state.error === undefined;
  const { data, problem } = readOutcome(state);
  const rules = rulesOf(data);
  const close = () => onClose(false);
  return (
    <Dialog title="Issue a key" onClose={close}>
      {isWaiting && <Waiting what="what is possible" />}
      {!isWaiting && problem !== null && (
        <Problem message={problem} onRetry={() => readAgain({ requestPolicy: 'network-only' })} />
      )}
      {data !== null && rules === null && <p>You may not issue a key.</p>}
      {rules !== null && <MyKeyForm rights={rights} rules={rules} onCancel={close} onIssued={show} />}
    </Dialog>
  );
}

function rulesOf(data: IssueRules | null): RulesOfCustomer | null {
  return data?.realm == null || data.issueBounds == null ? null : { realm: data.realm, bounds: data.issueBounds };
}
