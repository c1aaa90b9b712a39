import { z } from 'zod';
import { command, defineContract } from '../../contracts/contract.ts';
import { nounNameSchema } from '../../contracts/noun-name.ts';
import { activityViewSchema } from '../../contracts/record.contract.ts';

/** Files on records. The bytes are taken in by `crm.files.take` before, and saved by `crm.files.save`. */
export const attachmentContract = defineContract('attachments', {
  add: command({
    input: z.strictObject({
      fileId: z.string().max(100),
      about: nounNameSchema,
      aboutId: z.string().max(100),
      noteId: z.string().max(100).nullable().default(null),
    }),
    output: z.object({ record: activityViewSchema, operationId: z.string().nullable() }),
    errors: ['FILE_GONE', 'FILE_TOO_LARGE', 'REFERENCE_NOT_FOUND'],
  }),
  /** Has the system open it. A program or script only when `confirmed`. `opened` is false where it is to be downloaded instead. */
  open: command({
    input: z.strictObject({ id: z.string().max(100), confirmed: z.boolean().default(false) }),
    output: z.object({ opened: z.boolean() }),
    errors: ['FILE_RISKY', 'ATTACHMENT_MISSING'],
  }),
});
