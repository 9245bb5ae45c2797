import './webhooks.css';
import { useState } from 'react';
import { useQuery } from 'urql';
import { readOutcome } from '../../api/client.ts';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { LostDialog } from '../../parts/lost-dialog.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useShowOnce } from '../../parts/shown-once.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { announce } from '../../shell/announce.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { navigate } from '../../shell/router.ts';
import { draftOfWebhook, emptyWebhook, filterOf, sourceOf } from './webhook-draft.ts';
import { WebhookForm } from './webhook-form.tsx';
import { createWebhookDocument, updateWebhookDocument, WebhookQuery, type WebhookDetails } from './webhook-query.ts';

/** Makes a webhook, or changes the one with this id. */
export default function WebhookFormPage({ id }: { readonly id: string | null }) {
  return id === null ? <NewWebhook /> : <ChangedWebhook id={id} />;
}

function NewWebhook() {
  const [draft, setDraft] = useState(emptyWebhook);
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [lostId, setLostId] = useState<string | null>(null);
  const showOnce = useShowOnce();
  const [create, { isRunning, problem }] = useChange(createWebhookDocument, 'createWebhook');
  const run = async () => {
    const { url, description } = draft;
    const filter = filterOf(draft);
    const input = { url: url.trim(), description: description.trim(), filter, ...sourceOf(draft), idempotencyKey };
    const success = await create({ input });
    if (success === null) return;
    announce('The webhook is made.');
    const { secret, webhook } = success;
    if (secret == null) return setLostId(webhook.id);
    showOnce({
      title: 'The secret of the webhook',
      what: 'secret',
      text: secret,
      meaning: 'This is the only time that it is shown. The receiver verifies with it that a request is from Keytide.',
      onConfirm: () => navigate(paths.webhook(webhook.id)),
    });
  };
  return (
    <>
      <div className="title-row">
        <PageTitle title="Make a webhook" />
      </div>
      <WebhookForm
        isNew
        {...{ draft, isRunning, problem }}
        onChange={(changed) => setDraft({ ...draft, ...changed })}
        onSubmit={() => void run()}
      />
      {lostId !== null && (
        <LostDialog what="secret" done="The webhook was made" onClose={() => navigate(paths.webhook(lostId))}>
          make a new one on the page of the webhook.
        </LostDialog>
      )}
    </>
  );
}

function ChangedWebhook({ id }: { readonly id: string }) {
  const [state, readAgain] = useQuery({ query: WebhookQuery, variables: { id }, requestPolicy: 'network-only' });
  if (state.data === undefined && state.error === undefined) return <Waiting what="the webhook" />;
  const { data, problem } = readOutcome(state);
  if (problem !== null) {
    return <Problem message={problem} onRetry={() => readAgain({ requestPolicy: 'network-only' })} />;
  }
  if (data.node == null || !('waitingCount' in data.node)) return <PageTitle title="There is no such webhook" />;
  return <ChangeForm of={data.node} />;
}

function ChangeForm({ of: webhook }: { readonly of: WebhookDetails }) {
  const [draft, setDraft] = useState(() => draftOfWebhook(webhook));
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [update, { isRunning, problem }] = useChange(updateWebhookDocument, 'updateWebhook');
  const run = async () => {
    const { url, description } = draft;
    const filter = filterOf(draft, webhook);
    const input = { webhookId: webhook.id, url: url.trim(), description: description.trim(), filter, idempotencyKey };
    if ((await update({ input })) === null) return;
    announce('The webhook is changed.');
    navigate(paths.webhook(webhook.id));
  };
  return (
    <>
      <div className="title-row">
        <PageTitle title="Change the webhook" />
      </div>
      <WebhookForm
        isNew={false}
        {...{ draft, isRunning, problem }}
        onChange={(changed) => setDraft({ ...draft, ...changed })}
        onSubmit={() => void run()}
      />
    </>
  );
}
