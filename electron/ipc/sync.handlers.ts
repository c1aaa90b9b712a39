import { type Handlers, implement } from '../../shared/contracts/contract.ts';
import { syncContract } from '../../shared/contracts/sync.contract.ts';

/** What a screen may ask of the servers of the book; electron/sync/sync-desk.ts answers. */
export const syncHandlers = (desk: Handlers<typeof syncContract>) => implement(syncContract, desk);
