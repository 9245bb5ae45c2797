import { useState } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { localDayOf } from '../../parts/time.ts';
import { announce } from '../../shell/announce.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { issueDocument } from './issue-query.ts';
import { IssueForm } from './issue-form.tsx';
import { IssuedKeyPage, type IssuedOnPage } from './issued-key-page.tsx';
import { emptyDraft, endOfDay, inputOf, type NewKeyDraft } from './key-draft.ts';
import { planHints, planNames } from './ready-commands.ts';

/** Issues a key in three steps: the form, a summary, and the secret, once. */
export default function IssuePage() {
  const [draft, setDraft] = useState(emptyDraft);
  const [isSummary, setSummary] = useState(false);
  const [issued, setIssued] = useState<IssuedOnPage | null>(null);
  if (issued !== null) return <IssuedKeyPage issued={issued} plan={draft.plan} />;
  if (isSummary) return <Summary draft={draft} onBack={() => setSummary(false)} onIssued={setIssued} />;
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
  readonly onIssued: (issued: IssuedOnPage) => void;
}

/** What will be issued, in words, before it is. */
function Summary({ draft, onBack, onIssued }: SummaryProps) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [issue, { isRunning, problem }] = useChange(issueDocument, 'issueKey');
  const run = async () => {
    if (isRunning) return;
    const success = await issue({ input: inputOf(draft, idempotencyKey) });
    if (success?.secret == null) return;
    announce('The key is issued.');
    onIssued({ secret: success.secret, key: success.key });
  };
  return (
    <>
      <div className="title-row">
        <PageTitle title={`Issue “${draft.name.trim()}”?`} isFocused />
      </div>
      <section className="sheet form" aria-label="Summary">
        <dl className="facts">
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
        <p>Its secret is shown on the next page, once.</p>
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
    </>
  );
}

function lifeOf({ life, date }: NewKeyDraft): string {
  if (life === 'DEFAULT') return 'as long as the policies of the realm let it';
  return life === 'DATE' ? `to the end of ${localDayOf(endOfDay(date))}` : `${life} days from now`;
}
