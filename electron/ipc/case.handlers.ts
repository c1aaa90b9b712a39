import { implement } from '../../shared/contracts/contract.ts';
import { caseContract } from '../../shared/contracts/record.contract.ts';
import type { BookServices } from '../domain/book.services.ts';
import { boardHandlers, recordHandlers } from './record.handlers.ts';

export const caseHandlers = ({ cases }: BookServices) => implement(caseContract, { ...recordHandlers(cases), ...boardHandlers(cases) });
