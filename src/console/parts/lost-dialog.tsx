import type { ReactNode } from 'react';
import { Dialog } from './dialog.tsx';

interface LostDialogProps {
  readonly what: 'secret' | 'link';
  /** What the first request has done, such as "The key was issued". */
  readonly done: string;
  /** What to do if the text is lost. */
  readonly children: ReactNode;
  readonly onClose: () => void;
}

/**
 * Says that a request had succeeded already, and that the text it returned once can no longer be shown. The response to the first
 * request was lost on its way.
 */
export function LostDialog({ what, done, children, onClose }: LostDialogProps) {
  return (
    <Dialog title={`The ${what} can no longer be shown`} onClose={onClose}>
      <p>
        {done} when this was sent first, but the answer did not arrive here. Keytide no longer shows the {what}: it was
        used since, or it is more than 24 hours old.
      </p>
      <p>
        If you have the {what}, all is well. If it is lost, {children}
      </p>
      <div className="buttons">
        <button type="button" className="primary" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
