import { checkWords } from './check.en.ts';
import { filesWords } from './files.en.ts';
import { importsWords } from './imports.en.ts';
import { invoicesWords } from './invoices.en.ts';
import { mailWords } from './mail.en.ts';
import { noticesWords, safetyJobWords } from './notices.en.ts';
import { programWords } from './program.en.ts';
import { recordsWords } from './records.en.ts';
import { safetyWords } from './safety.en.ts';
import { startWords } from './start.en.ts';
import { syncWords } from './sync.en.ts';
import { valuesWords } from './values.en.ts';

/** Everything Fieldbook says across its seams, in English: what it is said by, and the sentence. */
export const english = {
  ...valuesWords,
  ...recordsWords,
  ...invoicesWords,
  ...mailWords,
  ...syncWords,
  ...safetyWords,
  ...safetyJobWords,
  ...noticesWords,
  ...checkWords,
  ...filesWords,
  ...importsWords,
  ...programWords,
  ...startWords,
} as const;
