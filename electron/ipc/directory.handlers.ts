import { implement } from '../../shared/contracts/contract.ts';
import { directoryContract } from '../../shared/contracts/record.contract.ts';
import type { BookServices } from '../domain/book.services.ts';
import { recordHandlers } from './record.handlers.ts';

export const directoryHandlers = ({ directory }: BookServices) => implement(directoryContract, recordHandlers(directory));
