/** Stands where data will be. It is not seen for the first 300 ms: what arrives sooner replaces it unseen. */
export function Waiting({ what }: { readonly what: string }) {
  return <p className="waiting">Loading {what}…</p>;
}
