import { implement } from '../../shared/contracts/contract.ts';
import { safetyContract } from '../../shared/contracts/safety.contract.ts';
import type { Safety } from '../domain/safety/safety.service.ts';

export const safetyHandlers = (safety: Safety) =>
  implement(safetyContract, {
    state: () => safety.state(),
    backUp: () => safety.backUp(),
    exportBook: () => safety.exportBook(),
    look: (place) => safety.look(place),
    restore: (place) => safety.restore(place),
    cancel: () => {
      safety.cancel();
      return {};
    },
    check: () => safety.check(),
    mend: ({ ids }) => safety.mend(ids),
  });
