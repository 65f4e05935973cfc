import type { viewer as english } from '../en/viewer.ts';
import type { Translation } from '../shape.ts';

export const viewer: Translation<typeof english> = { title: 'Untersuchung' };
