import { DAY_MS } from '../../../domain/duration.ts';
import { TextField } from '../../parts/fields.tsx';
import { localDayOf } from '../../parts/time.ts';
import { useNow } from '../../parts/use-now.ts';
import { localInputOf } from '../policy/local-input.ts';
import { earliestBegin, type StageDraft } from './stage-draft.ts';

interface WindowsFieldProps {
  readonly stages: readonly StageDraft[];
  readonly of: StageDraft;
  readonly noticeMs: number;
  readonly onChange: (windows: readonly string[]) => void;
}

/** Asks when the windows of brownouts begin. A new one is suggested a day after the last, at ten in the morning. */
export function WindowsField({ stages, of: stage, noticeMs, onChange }: WindowsFieldProps) {
  const now = useNow();
  const { windows } = stage;
  const begin = earliestBegin(stages, stage, now);
  const add = () => {
    const last = windows.at(-1);
    const after = last === undefined ? Math.max(begin.getTime(), now.getTime() + noticeMs) : Date.parse(last);
    const next = new Date(after + DAY_MS);
    next.setHours(10, 0, 0, 0);
    onChange([...windows, localInputOf(next.toISOString())]);
  };
  return (
    <div className="windows">
      <p className="hint">
        Each window lasts 15 minutes. Choose them after {localDayOf(begin)}, when this stage begins at the earliest, and
        outside the freezes of the realm.
      </p>
      {windows.map((at, index) => (
        // Windows have no identity but their place.
        <div key={index} className="list-row">
          <TextField
            label={`Window ${String(index + 1)} begins`}
            type="datetime-local"
            required
            value={at}
            onChange={({ target }) => onChange(windows.map((one, place) => (place === index ? target.value : one)))}
          />
          <button type="button" onClick={() => onChange(windows.filter((_one, place) => place !== index))}>
            Remove<span className="unseen"> window {index + 1}</span>
          </button>
        </div>
      ))}
      <button type="button" onClick={add}>
        Add a window
      </button>
    </div>
  );
}
