import { z } from '#policy';

z.config({ customError: () => 'mine' });
