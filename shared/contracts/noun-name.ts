import { z } from 'zod';
import { type NounName, nounNames } from '../nouns/nouns.ts';

export const nounNameSchema = z.enum(nounNames as [NounName, ...NounName[]]);
