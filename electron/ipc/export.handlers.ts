import { implement } from '../../shared/contracts/contract.ts';
import { exportContract } from '../../shared/contracts/transfer.contract.ts';
import type { ExportService } from '../domain/transfer/export.service.ts';

export const exportHandlers = (exports: ExportService) => implement(exportContract, { create: (input) => exports.create(input) });
