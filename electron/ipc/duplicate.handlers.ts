import { implement } from '../../shared/contracts/contract.ts';
import { duplicateContract } from '../../shared/contracts/duplicate.contract.ts';
import type { BookServices } from '../domain/book.services.ts';

export const duplicateHandlers = ({ duplicates, duplicateScan, merges }: BookServices) =>
  implement(duplicateContract, {
    like: async ({ noun, fields, limit, exceptId }) => ({ records: await duplicates.like(noun, fields, limit, exceptId) }),
    scan: () => duplicateScan.start(),
    cancelScan: () => duplicateScan.cancel(),
    scanState: () => duplicateScan.state(),
    groups: ({ noun, offset, limit }) => duplicateScan.groups(noun, offset, limit),
    preview: (order) => merges.preview(order),
    merge: (order) => merges.merge(order),
    mergesOf: async ({ noun, id }) => ({ merges: await merges.mergesOf(noun, id) }),
    takeApart: ({ noun, id, operationId }) => merges.takeApart(noun, id, operationId),
    keepApart: ({ noun, ids }) => merges.keepApart(noun, ids),
  });
