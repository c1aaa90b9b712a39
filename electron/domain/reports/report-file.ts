import { reportNames } from '../../../shared/contracts/reports.contract.ts';
import type { Clock } from '../../../shared/lib/clock.ts';
import type { TransferFiles } from '../transfer/transfer-ports.ts';
import type { ReportAsked, ReportsService } from './reports.service.ts';

export interface ReportFileService {
  make(asked: ReportAsked): Promise<{ fileId: string; fileName: string }>;
}

export function createReportFileService(deps: {
  reports: Pick<ReportsService, 'table'>;
  files: Pick<TransferFiles, 'make'>;
  write: (path: string, rows: readonly string[][]) => Promise<void>;
  clock: Clock;
}): ReportFileService {
  const { reports, files, write, clock } = deps;
  return {
    async make(asked) {
      const rows = await reports.table(asked);
      const { fileId, fileName } = await files.make(`${reportNames[asked.report]} ${clock.today()}.csv`, 'text/csv', (path) =>
        write(path, rows),
      );
      return { fileId, fileName };
    },
  };
}
