import { ClientError } from './client-error.ts';

/** The most that is read of an answer, in bytes: many times what the largest page has. */
const SIZE_MAX = 32 * 1024 * 1024;

/** The whole text of an answer. @throws ClientError UNREADABLE when it is too large; what cut it off as it comes. */
export async function readResponseText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const bytes of response.body ?? []) {
    size += bytes.byteLength;
    if (size > SIZE_MAX) throw new ClientError('UNREADABLE', `The answer of ${response.url} is larger than 32 MB.`);
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}
