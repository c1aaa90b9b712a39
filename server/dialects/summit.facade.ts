import { defaultLimit, emailTaken, listBody, summit } from '../../shared/dialects/summit.ts';
import type { Facade } from './facade.ts';

export const summitFacade: Facade = {
  dialect: summit,
  listBody: (rows, total, query) => listBody(rows, total, query.page ?? { offset: 0, limit: defaultLimit }),
  oneBody: (wire) => wire,
  deletedBody: (wire) => wire,
  given: (_record, member, { number }) => (member === 'companyId' ? number : undefined),
  problems: { EMAIL_TAKEN: emailTaken },
};
