/**
 * Returns the file name of the workflow in GitHub's claim `workflow_ref`
 * (owner/repository/.github/workflows/release.yml@refs/heads/main); null: the claim is malformed or of another repository. A file
 * name contains no slash, so that the first "@refs/" ends it, whatever the branch is called.
 */
export function workflowFileOf(workflowRef: string, repository: string): string | null {
  const folder = `${repository}/.github/workflows/`;
  if (!workflowRef.startsWith(folder)) return null;
  const rest = workflowRef.slice(folder.length);
  const end = rest.indexOf('@refs/');
  const file = end < 0 ? '' : rest.slice(0, end);
  return /^[^/]+\.ya?ml$/.test(file) ? file : null;
}
