import type { ReactNode } from 'react';
import type { WebhookRowFragment } from '../../api/operations.ts';

type ShownWebhook = 'active' | 'failing' | 'paused' | 'ended';

const words: Readonly<Record<ShownWebhook, string>> = {
  active: 'Active',
  failing: 'Failing',
  paused: 'Paused',
  ended: 'Ended',
};

const shapes: Readonly<Record<ShownWebhook, ReactNode>> = {
  active: <circle className="solid" cx="8" cy="8" r="5" />,
  failing: <path className="solid" d="M8 2.5 14.5 13.5H1.5Z" />,
  paused: <path strokeWidth="3" d="M5 3v10M11 3v10" />,
  ended: <path d="M3.5 3.5l9 9M12.5 3.5l-9 9" />,
};

const colours: Readonly<Record<ShownWebhook, string>> = {
  active: 'state-active',
  failing: 'state-stops-soon',
  paused: 'state-held',
  ended: 'state-revoked',
};

/** The state of a webhook: a word, with a shape of its own. It is failing while events wait for another attempt. */
export function StateOfWebhook({ of: { state, waitingCount } }: { readonly of: WebhookRowFragment }) {
  const shown = ({ ACTIVE: waitingCount > 0 ? 'failing' : 'active', PAUSED: 'paused', ENDED: 'ended' } as const)[state];
  return (
    <span className={`state ${colours[shown]}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {shapes[shown]}
      </svg>
      {words[shown]}
    </span>
  );
}
