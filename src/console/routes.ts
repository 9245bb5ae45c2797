/** The entries of the navigation, in its order. */
export const navigationEntries = [{ href: '/keys', name: 'Keys' }] as const;

export const paths = {
  home: '/',
  signIn: '/sign-in',
  keys: '/keys',
  newKey: '/keys/new',
  key: (id: string) => `/keys/${encodeURIComponent(id)}`,
} as const;

/** The first segments of the paths of all pages. The gateway serves exactly these (src/http/console/console-routes.ts). */
export const pageSegments = ['sign-in', 'keys'] as const;
