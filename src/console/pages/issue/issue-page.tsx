import './issue.css';
import { useState } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { useFilterChoices } from '../../parts/filter-choices.ts';
import { LostDialog } from '../../parts/lost-dialog.tsx';
import { useShowOnce } from '../../parts/shown-once.tsx';
import { localDayOf } from '../../parts/time.ts';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { announce } from '../../shell/announce.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { navigate, usePlace } from '../../shell/router.ts';
import { issueDocument, SECRET_MEANING } from './issue-query.ts';
import { IssueForm } from './issue-form.tsx';
import { emptyDraft, endOfDay, inputOf, type NewKeyDraft } from './key-draft.ts';
import { PutToUse } from './put-to-use.tsx';
import { planHints, planNames } from './ready-commands.ts';

/** Issues a key in three steps: the form, a summary, and the secret, once, which the page shows above everything. */
export default function IssuePage() {
  const realm = new URLSearchParams(usePlace().search).get('realm') ?? emptyDraft.realm;
  const [draft, setDraft] = useState<NewKeyDraft>({ ...emptyDraft, realm });
  const [isSummary, setSummary] = useState(false);
  if (isSummary) return <Summary draft={draft} onBack={() => setSummary(false)} />;
  return (
    <>
      <div className="title-row">
        <PageTitle title="Issue a key" />
      </div>
      <IssueForm
        draft={draft}
        onChange={(changed) => setDraft({ ...draft, ...changed })}
        onSubmit={() => setSummary(true)}
      />
    </>
  );
}

interface SummaryProps {
  readonly draft: NewKeyDraft;
  readonly onBack: () => void;
}

/** What will be issued, in words, before it is. */
function Summary({ draft, onBack }: SummaryProps) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [lostId, setLostId] = useState<string | null>(null);
  const showOnce = useShowOnce();
  const { account } = useSession();
  const { realms, organizations } = useFilterChoices();
  const owner = organizations.find(({ id }) => id === draft.owner)?.name ?? `${account.name} (you)`;
  const realm = realms.find(({ slug }) => slug === draft.realm)?.name ?? draft.realm;
  const [issue, { isRunning, problem }] = useChange(issueDocument, 'issueKey');
  const run = async () => {
    if (isRunning) return;
    const success = await issue({ input: inputOf(draft, idempotencyKey) });
    if (success === null) return;
    announce('The key is issued.');
    const { secret, key } = success;
    if (secret == null) return setLostId(key.id);
    showOnce({
      title: `The secret of “${key.name}”`,
      what: 'secret',
      text: secret,
      meaning: SECRET_MEANING,
      details: <PutToUse of={key} plan={draft.plan} />,
      onConfirm: () => navigate(paths.key(key.id)),
    });
  };
  return (
    <>
      <div className="title-row">
        <PageTitle title={`Issue “${draft.name.trim()}”?`} isFocused />
      </div>
      <section className="sheet form" aria-label="Summary">
        <dl className="facts">
          <dt>Owner</dt>
          <dd>{owner}</dd>
          <dt>Realm</dt>
          <dd>{realm}</dd>
          <dt>It may</dt>
          <dd>
            <ul className="plain-list">
              {draft.scopes.map(({ action, resource }, index) => (
                <li key={index}>
                  <code>{action}</code> on <code>{resource}</code>
                </li>
              ))}
            </ul>
          </dd>
          <dt>It lives</dt>
          <dd>{lifeOf(draft)}</dd>
          <dt>Renewal</dt>
          <dd>
            {planNames[draft.plan]}. <span className="quiet">{planHints[draft.plan]}</span>
          </dd>
        </dl>
        <p>Its secret is shown next, once.</p>
        <p className="field-problem" role="alert">
          {problem}
        </p>
        <div className="buttons">
          <button type="button" onClick={onBack}>
            Back
          </button>
          <button type="button" className="primary" aria-disabled={isRunning} onClick={() => void run()}>
            Issue the key
          </button>
        </div>
      </section>
      {lostId !== null && (
        <LostDialog what="secret" done="The key was issued" onClose={() => navigate(paths.key(lostId))}>
          rotate the key on its page: it gets another secret.
        </LostDialog>
      )}
    </>
  );
}

function lifeOf({ life, date }: NewKeyDraft): string {
  if (life === 'DEFAULT') return 'as long as the policies of the realm let it';
  return life === 'DATE' ? `to the end of ${localDayOf(endOfDay(date))}` : `${life} days from now`;
}
