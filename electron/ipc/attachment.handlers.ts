import { attachmentContract } from '../../shared/nouns/activity/attachment.contract.ts';
import { implement } from '../../shared/contracts/contract.ts';
import type { AttachmentService } from '../domain/attachment.service.ts';

export const attachmentHandlers = (attachments: AttachmentService) =>
  implement(attachmentContract, {
    add: ({ fileId, about, aboutId, noteId }) => attachments.add(fileId, about, aboutId, noteId),
    open: ({ id, confirmed }) => attachments.open(id, confirmed),
  });
