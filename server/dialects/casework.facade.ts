import { casework } from '../../shared/dialects/casework.ts';
import type { Facade } from './facade.ts';

export const caseworkFacade: Facade = {
  dialect: casework,
  listBody: null,
  // The spec nests requests and shows no answer: ours is the client itself.
  oneBody: (wire) => wire,
  deletedBody: null,
  given: () => undefined,
  problems: {},
};
