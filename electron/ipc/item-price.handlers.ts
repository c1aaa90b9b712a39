import { implement } from '../../shared/contracts/contract.ts';
import { itemPriceContract } from '../../shared/contracts/record.contract.ts';
import type { BookServices } from '../domain/book.services.ts';
import { recordHandlers } from './record.handlers.ts';

export const itemPriceHandlers = ({ itemPrices }: BookServices) => implement(itemPriceContract, recordHandlers(itemPrices));
