import { useEffect, useRef, useState, type FormEvent } from 'react';
import { readOutcome } from '../../api/client.ts';
import type { WaitingDeviceOnPageQuery } from '../../api/operations.ts';
import { uncachedClient } from '../../api/uncached-client.ts';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { FormProblem, TextField } from '../../parts/fields.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { useSession } from '../../session/session-context.ts';
import { announce } from '../../shell/announce.tsx';
import { confirmDeviceDocument, refuseDeviceDocument, WaitingDeviceQuery } from './settings-query.ts';

type WaitingDevice = NonNullable<WaitingDeviceOnPageQuery['waitingDevice']>;

/** A device that waits, and the code by which it was found. */
interface FoundDevice {
  readonly userCode: string;
  readonly device: WaitingDevice;
}

/** Signs in a program at a terminal as the person: by the code that it shows, after they have seen what it is. */
export function DeviceForm() {
  const [code, setCode] = useState('');
  const [isRunning, setRunning] = useState(false);
  // With the code that was sent: what is typed while the gateway answers is another one.
  const [found, setFound] = useState<FoundDevice | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const find = async (event: FormEvent) => {
    event.preventDefault();
    if (isRunning) return;
    setRunning(true);
    setProblem(null);
    setDone(null);
    const userCode = code.trim();
    const result = await uncachedClient.query(WaitingDeviceQuery, { userCode }).toPromise();
    setRunning(false);
    const { data, problem: whyNot } = readOutcome(result);
    if (data?.waitingDevice != null) setFound({ userCode, device: data.waitingDevice });
    else setProblem(whyNot ?? 'No device waits with this code. A code is valid for 10 minutes.');
  };
  const end = (words: string) => {
    setFound(null);
    setCode('');
    setDone(words);
    announce(words);
  };
  return (
    <section className="sheet">
      <h2>Sign in a device</h2>
      {found === null ? (
        <form onSubmit={(event) => void find(event)}>
          <p>
            Enter the code that your own terminal shows, after <code>keytide login</code>. Never enter a code that
            someone sent you: it would sign that person in as you.
          </p>
          <TextField
            label="Code"
            value={code}
            required
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            maxLength={20}
            onChange={({ target }) => setCode(target.value)}
          />
          <FormProblem text={problem} />
          {done !== null && <p>{done}</p>}
          <div className="buttons">
            <button type="submit" aria-disabled={isRunning}>
              Continue
            </button>
          </div>
        </form>
      ) : (
        <Decision of={found.device} userCode={found.userCode} onDone={end} />
      )}
    </section>
  );
}

interface DecisionProps {
  readonly of: WaitingDevice;
  readonly userCode: string;
  readonly onDone: (words: string) => void;
}

/** What the device says of itself, and the two answers. */
function Decision({ of: { program, deviceName, address, askedAt }, userCode, onDone }: DecisionProps) {
  const { account } = useSession();
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [confirm, confirming] = useChange(confirmDeviceDocument, 'confirmDevice');
  const [refuse, refusing] = useChange(refuseDeviceDocument, 'refuseDevice');
  const heading = useRef<HTMLHeadingElement>(null);
  // The form that had the focus is gone.
  useEffect(() => heading.current?.focus(), []);
  const isRunning = confirming.isRunning || refusing.isRunning;
  const input = { userCode, idempotencyKey };
  const runConfirm = async () => {
    if (!isRunning && (await confirm({ input })) !== null) onDone(`${deviceName} is signed in as you, for 12 hours.`);
  };
  const runRefuse = async () => {
    if (!isRunning && (await refuse({ input })) !== null) onDone(`${deviceName} was refused.`);
  };
  return (
    <>
      <h3 ref={heading} tabIndex={-1}>
        Sign in this device?
      </h3>
      <dl className="facts">
        <dt>Program</dt>
        <dd>{program}</dd>
        <dt>Name of the device</dt>
        <dd>{deviceName}</dd>
        <dt>Network address</dt>
        <dd>{address}</dd>
        <dt>Asked</dt>
        <dd>
          <MomentButton at={askedAt} />
        </dd>
        <dt>Signs in as</dt>
        <dd>{account.name}</dd>
        <dt>Can do</dt>
        <dd>everything that you can do, for 12 hours</dd>
      </dl>
      <p>The program chose its names itself. Confirm only if you started this just now.</p>
      <FormProblem text={confirming.problem ?? refusing.problem} />
      <div className="buttons">
        <button type="button" className="danger" aria-disabled={isRunning} onClick={() => void runRefuse()}>
          Refuse
        </button>
        <button type="button" className="primary" aria-disabled={isRunning} onClick={() => void runConfirm()}>
          Confirm
        </button>
      </div>
    </>
  );
}
