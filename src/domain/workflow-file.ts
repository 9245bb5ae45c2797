/**
 * The name of the workflow's file in GitHub's claim `workflow_ref`
 * (owner/repository/.github/workflows/release.yml@refs/heads/main); null: it is no such claim of that repository. A file's
 * name has no / in it, so that the first "@refs/" ends it, whatever a branch is called.
 */
export function workflowFileOf(workflowRef: string, repository: string): string | null {
  const folder = `${repository}/.github/workflows/`;
  if (!workflowRef.startsWith(folder)) return null;
  const rest = workflowRef.slice(folder.length);
  const end = rest.indexOf('@refs/');
  const file = end < 0 ? '' : rest.slice(0, end);
  return /^[^/]+\.ya?ml$/.test(file) ? file : null;
}
