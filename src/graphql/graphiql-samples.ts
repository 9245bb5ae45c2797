/** One operation to try, as a tab of GraphiQL. */
export interface Sample {
  readonly query: string;
  readonly variables: { readonly [name: string]: unknown };
  /** Whether it is asked with a session. */
  readonly needsSession: boolean;
}

/** What a new caller does first, in this order. */
export const samples: readonly Sample[] = [
  {
    // GraphiQL shows the first tab without its variables and headers: it has none.
    query: `# Nobody, yet: sign in (the next tab), and put the token into the headers of this and the other tabs:
# { "Authorization": "Bearer <token>" }
query WhoAmI {
  viewer {
    ... on Account {
      id
      name
    }
    ... on Key {
      id
      name
      stopsAt
    }
  }
}
`,
    variables: {},
    needsSession: false,
  },
  {
    query: `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) {
    ... on SignInSuccess {
      token
      expiresAt
    }
    ... on UserError {
      code
      message
    }
  }
}
`,
    variables: { input: { email: 'admin@localhost', password: '' } },
    needsSession: false,
  },
  {
    query: `# The secret is shown once.
mutation IssueKey($input: IssueKeyInput!) {
  issueKey(input: $input) {
    ... on IssueKeySuccess {
      secret
      key {
        id
        expiresAt
        stopsAt
      }
    }
    ... on UserError {
      code
      message
      path
    }
  }
}
`,
    variables: {
      input: {
        realm: 'default',
        name: 'my first key',
        lifetime: 'P90D',
        scopes: [{ action: 'package:push', resource: 'Acme.*' }],
      },
    },
    needsSession: true,
  },
  {
    query: `# What an API asks at every request.
mutation VerifyKey($input: VerifyKeyInput!) {
  verifyKey(input: $input) {
    outcome
    message
    stopsAt
    renewalDue
  }
}
`,
    variables: { input: { secret: 'kt_<secret>', action: 'package:push', resource: 'Acme.Core' } },
    needsSession: true,
  },
  {
    query: `query ListKeys($first: Int, $after: String, $filter: KeyFilter) {
  keys(first: $first, after: $after, filter: $filter) {
    edges {
      node {
        id
        name
        state
        stopsAt
        stopsBasis
        lastUsedAt
        owner {
          name
        }
        scopes {
          action
          resource
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
    variables: { first: 20, filter: { realm: 'default' } },
    needsSession: true,
  },
  {
    query: `# Leave keyId out to renew the key whose secret is in the headers.
mutation RenewKey($input: RenewKeyInput!) {
  renewKey(input: $input) {
    ... on RenewKeySuccess {
      key {
        id
        expiresAt
        stopsAt
      }
    }
    ... on UserError {
      code
      message
    }
  }
}
`,
    variables: { input: { keyId: 'key_<id>', lifetime: 'P180D' } },
    needsSession: true,
  },
  {
    query: `# The old secret stays good through the grace period.
mutation RotateKey($input: RotateKeyInput!) {
  rotateKey(input: $input) {
    ... on RotateKeySuccess {
      secret
      previousRetiresAt
    }
    ... on UserError {
      code
      message
    }
  }
}
`,
    variables: { input: { keyId: 'key_<id>', gracePeriod: 'PT24H' } },
    needsSession: true,
  },
  {
    query: `# Take after from logCursor or from an event to miss none.
subscription WatchEvents($after: Cursor, $filter: EventFilter) {
  events(after: $after, filter: $filter) {
    cursor
    type
    at
    key {
      id
      name
    }
    actor {
      name
    }
    data
  }
}
`,
    variables: { filter: { realm: 'default' } },
    needsSession: true,
  },
  {
    query: `# The keys that stop within the time given, then each as it comes to.
subscription WatchExpiring($within: Duration!, $filter: KeyFilter) {
  expiring(within: $within, filter: $filter) {
    stopsAt
    stopsBasis
    remaining
    key {
      id
      name
    }
  }
}
`,
    variables: { within: 'P30D' },
    needsSession: true,
  },
];
