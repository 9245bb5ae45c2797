import { useState } from 'react';
import type { TouchedKey } from './owners-query.ts';

/** The keys that an answer is about, as they are chosen: all of them, as long as none is left out. */
export function useChosenKeys(keys: readonly TouchedKey[]) {
  const [omitted, setOmitted] = useState<ReadonlySet<string>>(new Set());
  const chosen = keys.filter(({ id }) => !omitted.has(id));
  const toggle = (id: string) => {
    const next = new Set(omitted);
    if (!next.delete(id)) next.add(id);
    setOmitted(next);
  };
  const keyIds = omitted.size === 0 ? [] : chosen.map(({ id }) => id);
  return { chosen, keyIds, toggle };
}

interface ChosenKeysProps extends Pick<ReturnType<typeof useChosenKeys>, 'chosen' | 'toggle'> {
  readonly keys: readonly TouchedKey[];
}

/** The choice of keys. With one key there is nothing to choose. */
export function ChosenKeys({ keys, chosen, toggle }: ChosenKeysProps) {
  if (keys.length < 2) return null;
  return (
    <fieldset className="field">
      <legend>For these keys</legend>
      {keys.map(({ id, name }) => (
        <label key={id} className="check">
          <input type="checkbox" checked={chosen.some((key) => key.id === id)} onChange={() => toggle(id)} />
          {name}
        </label>
      ))}
      <p className="hint">
        {chosen.length === keys.length
          ? 'All keys of the owner that the rollout touches, later ones too.'
          : `${String(chosen.length)} of ${String(keys.length)} keys.`}
      </p>
    </fieldset>
  );
}
