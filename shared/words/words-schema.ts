import { z } from 'zod';
import type { Words } from './words.ts';

/** Words in an answer of main. Which values an id has was checked where they were given (words.ts). */
export const wordsSchema = z.custom<Words>(
  (value) => typeof value === 'object' && value !== null && 'words' in value && typeof value.words === 'string',
);
