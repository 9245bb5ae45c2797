import { useMemo, useState, type FormEvent } from 'react';
import type { CalendarFreeze } from '../../../calendar/expand-event.ts';
import { addedFreezes, AHEAD_MS, readFreezes } from '../../../calendar/read-freezes.ts';
import { isTimeZone } from '../../../calendar/zoned-time.ts';
import { FormProblem, TextField } from '../../parts/fields.tsx';
import { localDayOf } from '../../parts/time.ts';
import { announce } from '../../shell/announce.tsx';
import type { RealmDetails } from './realm-query.ts';
import { useRealmChange } from './use-realm-change.ts';

type Freeze = RealmDetails['freezes'][number];

interface ImportFreezesProps {
  readonly realm: string;
  readonly present: readonly Freeze[];
}

/** Adds the events of a calendar file, such as public holidays, to the freezes of a realm, as `keytide import-freezes` does. */
export function ImportFreezes({ realm, present }: ImportFreezesProps) {
  const [text, setText] = useState<string | null>(null);
  const [zone, setZone] = useState(() => new Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [change, { isRunning, problem }] = useRealmChange(realm);
  const read = useMemo(() => (text === null ? null : readCalendarText(text, zone)), [text, zone]);
  const freezes = read !== null && 'freezes' in read ? read.freezes : [];
  const added = addedFreezes(freezes, present.map(datesOf));
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isRunning || added.length === 0) return;
    const form = event.currentTarget;
    const success = await change((realmNow) => {
      const all = [...realmNow.freezes, ...addedFreezes(freezes, realmNow.freezes.map(datesOf)).map(textsOf)];
      return { freezes: all.map(({ from, to, reason }) => ({ from, to, reason })) };
    });
    if (success === null) return;
    form.reset();
    setText(null);
    announce(added.length === 1 ? 'The freeze is added.' : 'The freezes are added.');
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <h3>Import holidays</h3>
      <TextField
        label="Calendar file"
        type="file"
        accept=".ics,text/calendar"
        hint="An iCalendar file (.ics). Its events of the next two years become freezes."
        onChange={({ target }) => void target.files?.[0]?.text().then(setText)}
      />
      <TextField
        label="Time zone of whole days"
        required
        autoComplete="off"
        spellCheck={false}
        value={zone}
        hint="For example Europe/Berlin."
        onChange={({ target }) => setZone(target.value.trim())}
      />
      {read !== null && 'freezes' in read && <Found freezes={freezes} added={added} />}
      <FormProblem text={read !== null && 'problems' in read ? read.problems.join(' ') : problem} />
      <div className="buttons">
        <button type="submit" aria-disabled={isRunning || added.length === 0}>
          {added.length > 1 ? `Add ${added.length} freezes` : 'Add the freezes'}
        </button>
      </div>
    </form>
  );
}

interface FoundProps {
  readonly freezes: readonly CalendarFreeze[];
  readonly added: readonly CalendarFreeze[];
}

function Found({ freezes, added }: FoundProps) {
  const known = freezes.length - added.length;
  return (
    <>
      <p role="status">
        {freezes.length === 0
          ? 'The file has no event in the next two years.'
          : `${added.length} to add${known === 0 ? '' : `, ${known} already there`}.`}
      </p>
      {added.length > 0 && (
        <ul className="plain-list" aria-label="Freezes to add">
          {added.map(({ from, to, reason }) => (
            <li key={from.getTime() + reason}>
              {reason}{' '}
              <span className="quiet">
                from {localDayOf(from)} to {localDayOf(to)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function readCalendarText(text: string, zone: string): ReturnType<typeof readFreezes> {
  if (!isTimeZone(zone)) return { problems: ['The time zone is not known. Expected a name such as Europe/Berlin.'] };
  const now = new Date();
  return readFreezes(text, { zone, now, until: new Date(now.getTime() + AHEAD_MS) });
}

function datesOf({ from, to }: Pick<Freeze, 'from' | 'to'>) {
  return { from: new Date(from), to: new Date(to) };
}

function textsOf({ from, to, reason }: CalendarFreeze): Freeze {
  return { from: from.toISOString(), to: to.toISOString(), reason };
}
