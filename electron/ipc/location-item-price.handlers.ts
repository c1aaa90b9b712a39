import { implement } from '../../shared/contracts/contract.ts';
import { locationItemPriceContract } from '../../shared/contracts/record.contract.ts';
import type { BookServices } from '../domain/book.services.ts';
import { recordHandlers } from './record.handlers.ts';

export const locationItemPriceHandlers = ({ locationItemPrices }: BookServices) =>
  implement(locationItemPriceContract, recordHandlers(locationItemPrices));
