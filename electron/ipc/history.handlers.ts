import { implement } from '../../shared/contracts/contract.ts';
import { historyContract } from '../../shared/contracts/history.contract.ts';
import type { BookServices } from '../domain/book.services.ts';

export const historyHandlers = ({ history }: BookServices) =>
  implement(historyContract, {
    state: () => history.state(),
    ofRecord: ({ collection, id, limit }) => history.ofRecord(collection, id, limit),
    undo: ({ target }) => history.undo(target),
    redo: () => history.redo(),
    at: ({ collection, id, day }) => history.at(collection, id, day),
    restoreTo: ({ collection, id, day, field }) => history.restoreTo(collection, id, day, field),
    restoreField: ({ collection, id, operationId, path }) => history.restoreField(collection, id, operationId, path),
  });
