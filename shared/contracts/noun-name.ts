import { z } from 'zod';
import { type NounName, nounNames } from '../entities/nouns.ts';

export const nounNameSchema = z.enum(nounNames as [NounName, ...NounName[]]);
