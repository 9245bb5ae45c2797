import { z } from 'zod';

/** The base of a service as a person writes it: http or https, whatever its host, and no user name or password in it. */
export const serviceUrl = z
  .url({ protocol: /^https?$/, error: 'an http or https URL' })
  .refine((text) => !URL.canParse(text) || new URL(text).username + new URL(text).password === '', {
    error: 'a URL without user name and password',
  });
