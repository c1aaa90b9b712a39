import { implement } from '../../shared/contracts/contract.ts';
import { contactContract } from '../../shared/contracts/record.contract.ts';
import type { BookServices } from '../domain/book.services.ts';
import { recordHandlers } from './record.handlers.ts';

export const contactHandlers = ({ contacts }: BookServices) => implement(contactContract, recordHandlers(contacts));
