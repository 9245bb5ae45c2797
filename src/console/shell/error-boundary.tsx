import { Component, type ReactNode } from 'react';
import { lastRequestId } from '../api/client.ts';
import { Problem } from '../parts/problem.tsx';

interface Props {
  readonly children: ReactNode;
}

/** Shows what went wrong in a page in place of the page, with the id of its last request, and offers to try again. */
export class ErrorBoundary extends Component<Props, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error: error ?? new Error('unknown') };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const message = error instanceof Error ? error.message : 'unknown';
    return (
      <Problem
        title="This page could not be shown"
        message={`The page failed: ${message}. Your keys are not affected.`}
        requestId={lastRequestId()}
        onRetry={() => this.setState({ error: null })}
      />
    );
  }
}
