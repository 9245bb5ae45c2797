/** Whether an account can sign in: a word, with a shape of its own. */
export function StateOfAccount({ disabledAt }: { readonly disabledAt: string | null }) {
  return disabledAt === null ? (
    <span className="state state-active">
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <circle className="solid" cx="8" cy="8" r="5" />
      </svg>
      Can sign in
    </span>
  ) : (
    <span className="state state-revoked">
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M3.5 3.5l9 9M12.5 3.5l-9 9" />
      </svg>
      Disabled
    </span>
  );
}
