import { RowMoment } from '../../parts/moment-button.tsx';
import { durationWords } from '../../parts/time.ts';
import { isOpen, type RolloutDetails } from './rollout-query.ts';
import { gateSentences, nameOfStage, stageSentences } from './rollout-words.ts';

/** The stages of a rollout, the present one marked, and what the next one waits for. */
export function Stages({ of: rollout }: { readonly of: RolloutDetails }) {
  const { stages, stage, stageSince, nextStageAt, waitsFor } = rollout;
  return (
    <section className="sheet" aria-label="Stages">
      <h2>Stages</h2>
      <ol className="stages">
        {stages.map((one, index) => {
          const isPresent = isOpen(rollout) && index + 1 === stage;
          return (
            <li key={index} {...(isPresent && { 'aria-current': 'step' })}>
              <strong>{nameOfStage(one)}</strong>
              <p className="quiet">{stageSentences[one.kind]}</p>
              <p className="quiet">
                {isPresent ? (
                  <>
                    since <RowMoment at={stageSince} />
                  </>
                ) : (
                  <>at least {durationWords(one.atLeast) || '0 days'}</>
                )}
              </p>
            </li>
          );
        })}
      </ol>
      {nextStageAt !== null && (
        <ul className="gates">
          {waitsFor.map((gate) => (
            <li key={gate}>{gateSentences[gate]}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
