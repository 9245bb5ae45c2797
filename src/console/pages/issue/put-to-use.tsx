import { CopyButton } from '../../parts/copy-button.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import type { RenewalPlan } from './key-draft.ts';
import { readyCommands } from './ready-commands.ts';

interface PutToUseProps {
  readonly of: { readonly name: string; readonly stopsAt: string | null };
  readonly plan: RenewalPlan;
}

/** When a new key stops, and the commands that put its secret to use. */
export function PutToUse({ of: key, plan }: PutToUseProps) {
  return (
    <>
      <StopOfNewKey at={key.stopsAt} />
      <section className="next-steps" aria-label="Put it to use">
        <h3>Put it to use</h3>
        {readyCommands(plan, key.name, window.location.origin).map(({ purpose, command }) => (
          <div key={command}>
            <p>{purpose}</p>
            <pre tabIndex={0} aria-label="Command">
              {command}
            </pre>
            <CopyButton text={command} what="the command" />
          </div>
        ))}
      </section>
    </>
  );
}

/** When a new key stops, if it does. */
export function StopOfNewKey({ at }: { readonly at: string | null }) {
  if (at === null) return null;
  return (
    <p>
      The key stops <MomentButton at={at} />, unless it is renewed.
    </p>
  );
}
