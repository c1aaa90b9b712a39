import { appContract } from '../../shared/contracts/app.contract.ts';
import { implement } from '../../shared/contracts/contract.ts';
import type { AppService } from '../domain/app.service.ts';
import type { BookServices } from '../domain/book.services.ts';

export const appHandlers = ({ settings, sample, counts }: BookServices, app: AppService) =>
  implement(appContract, {
    info: () => app.info(),
    status: () => app.status(),
    dismissNotice: ({ id }) => {
      app.dismissNotice(id);
      return {};
    },
    counts: () => counts(),
    settings: () => settings.get(),
    changeSettings: (changes) => settings.change(changes),
    addSample: () => sample.add(),
    removeSample: () => sample.remove(),
    sample: () => ({ records: sample.count() }),
    quit: () => {
      app.quit();
      return {};
    },
  });
