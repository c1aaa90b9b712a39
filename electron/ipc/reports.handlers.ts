import { implement } from '../../shared/contracts/contract.ts';
import { reportsContract } from '../../shared/contracts/reports.contract.ts';
import type { BookServices } from '../domain/book.services.ts';
import type { ReportFileService } from '../domain/reports/report-file.ts';

export const reportsHandlers = ({ reports }: BookServices, files: ReportFileService) =>
  implement(reportsContract, {
    get: (asked) => reports.get(asked),
    file: (asked) => files.make(asked),
  });
