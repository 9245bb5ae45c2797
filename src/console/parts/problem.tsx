interface ProblemProps {
  readonly title?: string;
  readonly message: string;
  readonly requestId?: string | null;
  readonly onRetry?: () => void;
}

/** Says what failed, with the request id by which the log of the gateway has the details. */
export function Problem({ title, message, requestId = null, onRetry }: ProblemProps) {
  return (
    <div className="problem" role="alert">
      {title !== undefined && <h2>{title}</h2>}
      <p>{message}</p>
      {requestId !== null && (
        <p className="quiet">
          Request id: <code>{requestId}</code>
        </p>
      )}
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
