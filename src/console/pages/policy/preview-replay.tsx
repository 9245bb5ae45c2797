import type { PreviewPolicyInput } from '../../api/operations.ts';
import { Problem } from '../../parts/problem.tsx';
import { writtenDay } from '../../parts/time.ts';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { PreviewProgress } from './preview-progress.tsx';
import { ReplayPicture } from './replay-picture.tsx';
import { useReplay, type Replay } from './replay-query.ts';

const DAYS = 90;

/** Which recorded jobs the change would have failed: run on request, because it takes longer than the preview. */
export function PreviewReplay({ input }: { readonly input: PreviewPolicyInput }) {
  const [state, start] = useReplay(input, DAYS);
  return (
    <section>
      <h2 id="replay">What would have failed</h2>
      {state.kind === 'NOT_STARTED' && (
        <>
          <p>Runs the policy over the use of the last {DAYS} days, as if it had been in force all the time.</p>
          <button type="button" onClick={start}>
            Replay the last {DAYS} days
          </button>
        </>
      )}
      {state.kind === 'RUNNING' && <PreviewProgress since={state.since} />}
      {state.kind === 'FAILED' && <Problem title="The replay failed" message={state.message} onRetry={start} />}
      {state.kind === 'DONE' && <Result of={state.replay} />}
    </section>
  );
}

function Result({ of: replay }: { readonly of: Replay }) {
  const { jobCount, failedJobCount, keyCount, failedConsumerCount, failedOwnerCount, selfRenewingJobCount } = replay;
  if (jobCount === 0) return <p role="status">No key of the realm was used in the last {DAYS} days.</p>;
  return (
    <>
      <dl className="counts">
        <div className={failedJobCount > 0 ? 'sooner' : ''}>
          <dt>of {number(jobCount)} jobs would have failed</dt>
          <dd>{number(failedJobCount)}</dd>
        </div>
        <div>
          <dt>consumers would have met a dead key</dt>
          <dd>{number(failedConsumerCount)}</dd>
        </div>
        <div>
          <dt>owners of them</dt>
          <dd>{number(failedOwnerCount)}</dd>
        </div>
      </dl>
      <p role="status">
        A job is a day on which a consumer used a key; {number(keyCount)} {keyCount === 1 ? 'key was' : 'keys were'}{' '}
        used. After a key would have stopped, each of its later jobs counts.
        {selfRenewingJobCount > 0 &&
          ` ${number(selfRenewingJobCount)} of the failed jobs used keys that a program renews: it might have renewed them sooner.`}
        {replay.faultCount > 0 && ` The module fails for ${number(replay.faultCount)} keys: none of their jobs counts.`}
      </p>
      <ReplayPicture of={replay} />
      {failedJobCount > 0 && <Tables of={replay} />}
    </>
  );
}

/** The consumers with their days, and the counts by owner and by day, as tables. */
function Tables({ of: { byDay, owners, consumers } }: { readonly of: Replay }) {
  return (
    <>
      <div className="scroll" role="group" aria-label="Jobs that would have failed, by consumer" tabIndex={0}>
        <table aria-label="Jobs that would have failed, by consumer">
          <thead>
            <tr>
              <th scope="col">Key</th>
              <th scope="col">Consumer</th>
              <th scope="col" className="number">
                Failed
              </th>
              <th scope="col">On</th>
            </tr>
          </thead>
          <tbody>
            {consumers.map(({ key, consumer, jobCount, failedCount, failedDays }) => (
              <tr key={`${key.id} ${consumer ?? ''}`}>
                <td>
                  <Link href={paths.key(key.id)}>{key.name}</Link>
                </td>
                <td>{consumer ?? <span className="quiet">not named</span>}</td>
                <td className="number">
                  {number(failedCount)} of {number(jobCount)}
                </td>
                <td className="days">{describeDays(failedDays)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <details className="numbers">
        <summary>By owner and by day</summary>
        <div className="scroll" role="group" aria-label="Jobs that would have failed, by owner" tabIndex={0}>
          <table aria-label="Jobs that would have failed, by owner">
            <thead>
              <tr>
                <th scope="col">Owner</th>
                <th scope="col" className="number">
                  Failed
                </th>
                <th scope="col" className="number">
                  Keys
                </th>
              </tr>
            </thead>
            <tbody>
              {owners.map(({ owner: { id, name }, jobCount, failedCount, failedKeyCount }) => (
                <tr key={id}>
                  <td>{name}</td>
                  <td className="number">
                    {number(failedCount)} of {number(jobCount)}
                  </td>
                  <td className="number">{number(failedKeyCount)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <div className="scroll" role="group" aria-label="Jobs that would have failed, by day" tabIndex={0}>
          <table aria-label="Jobs that would have failed, by day">
            <thead>
              <tr>
                <th scope="col">Day</th>
                <th scope="col" className="number">
                  Failed
                </th>
                <th scope="col" className="number">
                  For the first time
                </th>
              </tr>
            </thead>
            <tbody>
              {byDay
                .filter(({ failedCount }) => failedCount > 0)
                .map(({ day, jobCount, failedCount, firstFailedCount }) => (
                  <tr key={day}>
                    <td className="days">{writtenDay(day)}</td>
                    <td className="number">
                      {number(failedCount)} of {number(jobCount)}
                    </td>
                    <td className="number">{number(firstFailedCount)}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}

/** Some days in words: "3 Nov 2026", or the first and the last of more. */
function describeDays(days: readonly string[]): string {
  const [first = '', last = first] = [days[0], days.at(-1)];
  if (days.length <= 2) return days.map(writtenDay).join(', ');
  return `${number(days.length)} days, ${writtenDay(first)} to ${writtenDay(last)}`;
}

function number(count: number): string {
  return count.toLocaleString('en');
}
