const kinds: Readonly<Record<string, string>> = {
  LEAK: 'a leak report',
  MANAGER: 'the API',
  ADMINISTRATOR: 'an administrator',
  OWNER: 'the owner',
  POLICY: 'a policy',
};

/** Returns who holds a key, from the kind of the hold: for callers that see no person, key or policy by name. */
export function describeHoldKind(source: string): string {
  return kinds[source] ?? 'the gateway';
}

/** The reason of a hold by a leak report, for callers that do not see who reported the leak. */
export const PLAIN_LEAK_REASON = 'Its secret was reported as leaked.';
