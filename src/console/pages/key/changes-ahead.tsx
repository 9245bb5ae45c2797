import type { ReactNode } from 'react';
import { DayWords } from '../../parts/moment-button.tsx';
import type { KeyDetails } from './key-query.ts';

type WarningCode = KeyDetails['warnings'][number]['code'];

const sentences: Readonly<Record<WarningCode, (day: ReactNode) => ReactNode>> = {
  WILL_STOP: (day) => <>An announced change of the rules will stop this key on {day}. Renew it before.</>,
  WILL_STOP_SOONER: (day) => (
    <>An announced change of the rules will stop this key earlier than today’s rules, on {day}. Renew it before.</>
  ),
  BROWNOUT_AHEAD: (day) => (
    <>On {day} the key will be refused for at most 15 minutes, to show which of your programs use it.</>
  ),
};

interface ChangesAheadProps {
  readonly of: Pick<KeyDetails, 'warnings'>;
  /** Where more about the changes is. */
  readonly children?: ReactNode;
}

/** What verifications of a key warn of: changes that are announced and have not reached it. */
export function ChangesAhead({ of: { warnings }, children }: ChangesAheadProps) {
  if (warnings.length === 0 && children == null) return null;
  return (
    <section className="notice" aria-label="Announced changes">
      {warnings.map(({ code, from }) => (
        <p key={code}>{sentences[code](<DayWords day={from.slice(0, 10)} />)}</p>
      ))}
      {children}
    </section>
  );
}
