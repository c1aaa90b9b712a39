import { implement } from '../../shared/contracts/contract.ts';
import { taskContract } from '../../shared/contracts/record.contract.ts';
import type { BookServices } from '../domain/book.services.ts';
import { boardHandlers, recordHandlers } from './record.handlers.ts';

export const taskHandlers = ({ tasks }: BookServices) => implement(taskContract, { ...recordHandlers(tasks), ...boardHandlers(tasks) });
