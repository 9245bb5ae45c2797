import { useState } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import {
  deleteWebhookDocument,
  pauseWebhookDocument,
  replayWebhookDocument,
  resumeWebhookDocument,
  testWebhookDocument,
} from './webhook-query.ts';

/** A change of a webhook that a dialog asks about. */
export interface WebhookChangeForm {
  readonly name: 'pauseWebhook' | 'resumeWebhook' | 'replayWebhook' | 'testWebhook' | 'deleteWebhook';
  readonly title: string;
  readonly button: string;
  readonly done: string;
  readonly meaning: string;
  readonly reason: 'REQUIRED' | 'OPTIONAL' | 'NONE';
  readonly isFinal?: boolean;
}

export const TEST_WEBHOOK: WebhookChangeForm = {
  name: 'testWebhook',
  title: 'Send a test event',
  button: 'Send',
  done: 'The test event is recorded, and will be sent.',
  meaning:
    'The receiver gets one event of the type WEBHOOK_TESTED, whatever the webhook selects. Its attempt appears below.',
  reason: 'NONE',
};

export const PAUSE_WEBHOOK: WebhookChangeForm = {
  name: 'pauseWebhook',
  title: 'Pause the webhook',
  button: 'Pause',
  done: 'The webhook is paused.',
  meaning: 'Nothing is sent until it is resumed. Then it continues with the event at which it stopped.',
  reason: 'REQUIRED',
};

export const RESUME_WEBHOOK: WebhookChangeForm = {
  name: 'resumeWebhook',
  title: 'Resume the webhook',
  button: 'Resume',
  done: 'The webhook is resumed.',
  meaning: 'It continues with the event at which it stopped, as far as the log still has the events.',
  reason: 'NONE',
};

export const REPLAY_WEBHOOK: WebhookChangeForm = {
  name: 'replayWebhook',
  title: 'Send the parked events again',
  button: 'Send again',
  done: 'The parked events will be sent again.',
  meaning: 'Each parked event gets new attempts. The receiver knows by webhook-id what it has already processed.',
  reason: 'NONE',
};

export const DELETE_WEBHOOK: WebhookChangeForm = {
  name: 'deleteWebhook',
  title: 'Remove the webhook',
  button: 'Remove for good',
  done: 'The webhook is removed.',
  meaning:
    'Nothing is sent any longer, and what waits is dropped. It cannot be undone. To stop it for a while, pause it.',
  reason: 'OPTIONAL',
  isFinal: true,
};

/** Returns how to make a change of a webhook, and what becomes of it. Sent again after a lost response, it changes nothing twice. */
export function useWebhookChange(name: WebhookChangeForm['name'], webhookId: string) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [pause, pausing] = useChange(pauseWebhookDocument, 'pauseWebhook');
  const [resume, resuming] = useChange(resumeWebhookDocument, 'resumeWebhook');
  const [replay, replaying] = useChange(replayWebhookDocument, 'replayWebhook');
  const [test, testing] = useChange(testWebhookDocument, 'testWebhook');
  const [remove, removing] = useChange(deleteWebhookDocument, 'deleteWebhook');
  const state = {
    pauseWebhook: pausing,
    resumeWebhook: resuming,
    replayWebhook: replaying,
    testWebhook: testing,
    deleteWebhook: removing,
  }[name];
  const run = (reason: string): Promise<object | null> => {
    const input = { webhookId, idempotencyKey };
    switch (name) {
      case 'pauseWebhook':
        return pause({ input: { ...input, reason } });
      case 'resumeWebhook':
        return resume({ input });
      case 'replayWebhook':
        return replay({ input });
      case 'testWebhook':
        return test({ input });
      case 'deleteWebhook':
        return remove({ input: { ...input, ...(reason !== '' && { reason }) } });
    }
  };
  return [run, state] as const;
}
