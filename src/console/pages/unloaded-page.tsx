import { Problem } from '../parts/problem.tsx';

/**
 * Stands for a page whose script could not be loaded. After an update of the gateway scripts have other names, and a browser does
 * not load a module again that failed: the whole page is loaded again.
 */
export function UnloadedPage() {
  return (
    <Problem
      title="This page could not be loaded"
      message="The gateway is not available, or it was updated since you opened the console. Your keys are not affected."
      onRetry={() => window.location.reload()}
    />
  );
}
