import { programs } from '../../shared/dialects/programs.ts';
import type { Facade } from './facade.ts';

export const programsFacade: Facade = {
  dialect: programs,
  listBody: null,
  oneBody: (wire) => wire,
  deletedBody: null,
  given: () => undefined,
  problems: {},
};
