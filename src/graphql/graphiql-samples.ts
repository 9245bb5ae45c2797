/** A sample operation, shown as a tab of GraphiQL. */
export interface Sample {
  readonly query: string;
  readonly variables: { readonly [name: string]: unknown };
  /** Whether the tab has an Authorization header to fill in. */
  readonly needsSession: boolean;
}

/** The tabs of GraphiQL, in the order in which a new user needs them. */
export const samples: readonly Sample[] = [
  {
    // GraphiQL does not show variables and headers of the first tab, so this sample has none.
    query: `# Not signed in yet? Run the next tab, and put the token that it returns into the headers of the other tabs:
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
    query: `# Your API runs this at every request.
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
    query: `# Without keyId this renews the key whose secret is in the headers.
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
    query: `# The old secret works to the end of the grace period.
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
    query: `# To miss no event, set the variable after to the cursor of an event or of logCursor.
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
    query: `# Sends the keys that stop within this time, then further keys as their stops come within it.
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
