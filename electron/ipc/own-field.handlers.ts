import { implement } from '../../shared/contracts/contract.ts';
import { ownFieldContract } from '../../shared/contracts/record.contract.ts';
import type { BookServices } from '../domain/book.services.ts';
import { recordHandlers } from './record.handlers.ts';

export const ownFieldHandlers = ({ ownFields }: BookServices) => implement(ownFieldContract, recordHandlers(ownFields));
