import { implement } from '../../shared/contracts/contract.ts';
import { duplicateContract } from '../../shared/contracts/duplicate.contract.ts';
import type { BookServices } from '../domain/book.services.ts';

export const duplicateHandlers = ({ duplicates }: BookServices) =>
  implement(duplicateContract, { like: async ({ noun, fields, limit }) => ({ records: await duplicates.like(noun, fields, limit) }) });
