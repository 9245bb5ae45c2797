import { ClientError } from './client-error.ts';

/** Size limit of a response in bytes, many times the largest page. */
const SIZE_MAX = 32 * 1024 * 1024;

/**
 * Reads the text of a response. @throws ClientError UNREADABLE if it is too large; errors of the connection are passed
 * on.
 */
export async function readResponseText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const bytes of response.body ?? []) {
    size += bytes.byteLength;
    if (size > SIZE_MAX) throw new ClientError('UNREADABLE', `The response of ${response.url} is larger than 32 MB.`);
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}
