import { useState } from 'react';
import { graphql } from '../api/graphql.ts';
import type { SessionsOfAccountFragment } from '../api/operations.ts';
import { newIdempotencyKey, useChange } from '../api/use-change.ts';
import { announce } from '../shell/announce.tsx';
import { DataTable } from './data-table.tsx';
import { FormProblem } from './fields.tsx';
import { MomentButton } from './moment-button.tsx';

export const sessionsFragment = graphql(`
  fragment SessionsOfAccount on Account {
    sessionCount
    sessions {
      sessionId
      startedAt
      expiresAt
      isCurrent
      device {
        program
        name
        address
      }
    }
  }
`);

const endDocument = graphql(`
  mutation EndSessionsOnPage($input: EndSessionsInput!) {
    endSessions(input: $input) {
      ... on EndSessionsSuccess {
        endedCount
        account {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

interface SessionListProps {
  readonly accountId: string;
  readonly sessions: SessionsOfAccountFragment['sessions'];
  readonly sessionCount: number;
}

/** Where an account is signed in, with an end for each session. */
export function SessionList({ accountId, sessions, sessionCount }: SessionListProps) {
  const [end, { isRunning, problem }] = useChange(endDocument, 'endSessions');
  const [ending, setEnding] = useState<readonly string[]>([]);
  const others = sessions.filter(({ isCurrent }) => !isCurrent).map(({ sessionId }) => sessionId);
  /** Ends some sessions, or without them all but that of the page. */
  const run = async (sessionIds?: readonly string[]) => {
    if (isRunning) return;
    setEnding(sessionIds ?? others);
    const chosen = sessionIds === undefined ? {} : { sessionIds };
    const success = await end({ input: { accountId, ...chosen, idempotencyKey: newIdempotencyKey() } });
    setEnding([]);
    if (success !== null) announce(success.endedCount === 1 ? 'The session has ended.' : 'The sessions have ended.');
  };
  return (
    <section className="sheet">
      <h2>Signed in</h2>
      {sessions.length === 0 ? (
        <p>Nowhere.</p>
      ) : (
        <DataTable name="Sessions" columns={['Where', 'Since', 'Until', '']}>
          {sessions.map(({ sessionId, startedAt, expiresAt, isCurrent, device }) => {
            const where = device === null ? 'Browser or program, by password' : `${device.program} on ${device.name}`;
            return (
              <tr key={sessionId}>
                <td>
                  {where}
                  {device !== null && <span className="quiet"> from {device.address}</span>}
                  {isCurrent && <strong> (this page)</strong>}
                </td>
                <td>
                  <MomentButton at={startedAt} />
                </td>
                <td>
                  <MomentButton at={expiresAt} />
                </td>
                <td>
                  {!isCurrent && (
                    <div className="buttons">
                      <button
                        type="button"
                        aria-label={`End the session of ${where}`}
                        aria-disabled={ending.includes(sessionId)}
                        onClick={() => void run([sessionId])}
                      >
                        End
                      </button>
                    </div>
                  )}
                </td>
              </tr>
            );
          })}
        </DataTable>
      )}
      {sessionCount > sessions.length && (
        <p className="quiet">
          These are the newest {sessions.length} of {sessionCount.toLocaleString('en')}.
        </p>
      )}
      <FormProblem text={problem} />
      {others.length > 1 && (
        <div className="buttons">
          <button type="button" aria-disabled={isRunning} onClick={() => void run()}>
            {others.length === sessions.length ? 'End all' : 'End all others'}
          </button>
        </div>
      )}
    </section>
  );
}
