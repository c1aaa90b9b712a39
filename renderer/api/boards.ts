import type { BoardColumn, BoardNoun } from '../../shared/contracts/board.ts';
import { crm, settled } from './crm.ts';
import type { WindowRequest } from './list-window.ts';
import { type Answer, useQuery } from './query.ts';
import { touchesList } from './touches.ts';

/** The columns of a board, live: how many cards each has and what they are worth. The cards are lists of their own. */
export function useBoard(noun: BoardNoun, request: WindowRequest): Answer<{ columns: BoardColumn[] }> {
  return useQuery(
    `board ${noun} ${JSON.stringify(request)}`,
    () => settled(() => crm()[noun].board(request)),
    touchesList(noun, request.show),
  );
}
