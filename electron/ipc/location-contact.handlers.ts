import { implement } from '../../shared/contracts/contract.ts';
import { locationContactContract } from '../../shared/contracts/record.contract.ts';
import type { BookServices } from '../domain/book.services.ts';
import { recordHandlers } from './record.handlers.ts';

export const locationContactHandlers = ({ locationContacts }: BookServices) =>
  implement(locationContactContract, recordHandlers(locationContacts));
