/** What a role in an organization allows, for people. */
export const roleMeanings = {
  MEMBER: 'sees its keys, and issues some',
  ADMIN: 'manages its keys and members',
  OWNER: 'manages it as a whole',
} as const;
