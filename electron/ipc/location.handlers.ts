import { implement } from '../../shared/contracts/contract.ts';
import { locationContract } from '../../shared/contracts/record.contract.ts';
import type { BookServices } from '../domain/book.services.ts';
import { recordHandlers } from './record.handlers.ts';

export const locationHandlers = ({ locations }: BookServices) => implement(locationContract, recordHandlers(locations));
