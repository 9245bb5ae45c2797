import { graphql } from '../../api/graphql.ts';
import type { WebhookOfPageFragment } from '../../api/operations.ts';

export const webhookRow = graphql(`
  fragment WebhookRow on Webhook {
    id
    url
    description
    state
    reason
    deliveredAt
    nextAttemptAt
    waitingCount
    parkedCount
    owner {
      id
      name
    }
    realm {
      slug
      name
    }
  }
`);

export const webhookOfPage = graphql(`
  fragment WebhookOfPage on Webhook {
    ...WebhookRow
    createdAt
    changedAt
    endedAt
    types
    keyIds
    labels {
      name
      value
    }
    secrets {
      generation
      publicKey
      createdAt
      retiresAt
    }
    waiting(first: 20) {
      edges {
        node {
          ...DeliveryRow
        }
      }
    }
    parked(first: 20) {
      edges {
        node {
          ...DeliveryRow
        }
      }
    }
    attempts(first: 30) {
      edges {
        cursor
        node {
          at
          status
          duration
          error
          event {
            id
            type
            keyId
          }
        }
      }
    }
  }
`);

export const deliveryRow = graphql(`
  fragment DeliveryRow on WebhookDelivery {
    since
    attemptCount
    nextAttemptAt
    event {
      id
      type
      keyId
    }
  }
`);

/** A webhook with all that its page shows. */
export type WebhookDetails = WebhookOfPageFragment;

export const WebhooksQuery = graphql(`
  query WebhooksOfPage($states: [WebhookState!]) {
    webhooks(first: 100, states: $states) {
      edges {
        node {
          ...WebhookRow
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

export const WebhookQuery = graphql(`
  query WebhookById($id: ID!) {
    node(id: $id) {
      id
      ... on Webhook {
        ...WebhookOfPage
      }
    }
  }
`);

export const createWebhookDocument = graphql(`
  mutation CreateWebhookOnPage($input: CreateWebhookInput!) {
    createWebhook(input: $input) {
      ... on CreateWebhookSuccess {
        secret
        webhook {
          id
          url
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const updateWebhookDocument = graphql(`
  mutation UpdateWebhookOnPage($input: UpdateWebhookInput!) {
    updateWebhook(input: $input) {
      ... on UpdateWebhookSuccess {
        webhook {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const rotateWebhookDocument = graphql(`
  mutation RotateWebhookOnPage($input: RotateWebhookSecretInput!) {
    rotateWebhookSecret(input: $input) {
      ... on RotateWebhookSecretSuccess {
        secret
        previousRetiresAt
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const pauseWebhookDocument = graphql(`
  mutation PauseWebhookOnPage($input: PauseWebhookInput!) {
    pauseWebhook(input: $input) {
      ... on PauseWebhookSuccess {
        webhook {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const resumeWebhookDocument = graphql(`
  mutation ResumeWebhookOnPage($input: ResumeWebhookInput!) {
    resumeWebhook(input: $input) {
      ... on ResumeWebhookSuccess {
        webhook {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const replayWebhookDocument = graphql(`
  mutation ReplayWebhookOnPage($input: ReplayWebhookInput!) {
    replayWebhook(input: $input) {
      ... on ReplayWebhookSuccess {
        webhook {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const testWebhookDocument = graphql(`
  mutation TestWebhookOnPage($input: TestWebhookInput!) {
    testWebhook(input: $input) {
      ... on TestWebhookSuccess {
        webhook {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const deleteWebhookDocument = graphql(`
  mutation DeleteWebhookOnPage($input: DeleteWebhookInput!) {
    deleteWebhook(input: $input) {
      ... on DeleteWebhookSuccess {
        webhook {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);
