import { z } from 'zod';

/** A service's base URL: http or https, any host, without user name or password. */
export const serviceUrl = z
  .url({ protocol: /^https?$/, error: 'an http or https URL' })
  .refine((text) => !URL.canParse(text) || new URL(text).username + new URL(text).password === '', {
    error: 'a URL without user name and password',
  });
