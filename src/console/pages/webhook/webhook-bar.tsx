import { useState } from 'react';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { RotateWebhookDialog } from './rotate-webhook-dialog.tsx';
import {
  DELETE_WEBHOOK,
  PAUSE_WEBHOOK,
  REPLAY_WEBHOOK,
  RESUME_WEBHOOK,
  TEST_WEBHOOK,
  type WebhookChangeForm,
} from './webhook-changes.ts';
import { WebhookDialog } from './webhook-dialog.tsx';
import type { WebhookDetails } from './webhook-query.ts';

/** What can be done with a webhook now: a person who sees it also manages it. */
export function WebhookBar({ of: webhook }: { readonly of: WebhookDetails }) {
  const [opened, setOpened] = useState<WebhookChangeForm | 'ROTATE' | null>(null);
  const close = () => setOpened(null);
  const { state, parkedCount } = webhook;
  if (state === 'ENDED') return null;
  const forms = [
    ...(state === 'PAUSED' ? [RESUME_WEBHOOK] : [TEST_WEBHOOK, PAUSE_WEBHOOK]),
    ...(parkedCount > 0 && state === 'ACTIVE' ? [REPLAY_WEBHOOK] : []),
  ];
  const names: Readonly<Record<WebhookChangeForm['name'], string>> = {
    testWebhook: 'Test',
    pauseWebhook: 'Pause',
    resumeWebhook: 'Resume',
    replayWebhook: 'Replay',
    deleteWebhook: 'Remove',
  };
  return (
    <div className="buttons">
      {forms.map((form) => (
        <button key={form.name} type="button" onClick={() => setOpened(form)}>
          {names[form.name]}
        </button>
      ))}
      <Link className="button" href={paths.changedWebhook(webhook.id)}>
        Change
      </Link>
      <button type="button" onClick={() => setOpened('ROTATE')}>
        New secret
      </button>
      <button type="button" className="danger" onClick={() => setOpened(DELETE_WEBHOOK)}>
        Remove
      </button>
      {opened === 'ROTATE' && <RotateWebhookDialog id={webhook.id} onClose={close} />}
      {opened !== null && opened !== 'ROTATE' && <WebhookDialog form={opened} id={webhook.id} onClose={close} />}
    </div>
  );
}
