import { skhokho } from '../../shared/dialects/skhokho.ts';
import type { Facade } from './facade.ts';

export const skhokhoFacade: Facade = {
  dialect: skhokho,
  listBody: null,
  oneBody: (wire) => wire,
  deletedBody: null,
  given: () => undefined,
  problems: {},
};
