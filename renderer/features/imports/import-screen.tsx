import { Alert } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useImports } from '../../api/transfer.ts';
import { useDroppedFile } from '../../app/dropped-file.ts';
import { CheckStep } from './check-step.tsx';
import { ColumnsStep } from './columns-step.tsx';
import { FileStep } from './file-step.tsx';
import { type Step, takeFiles, useImportFlow, valueColumns } from './import-flow.ts';
import classes from './import-screen.module.css';
import { JobStep } from './job-step.tsx';
import { ValuesStep } from './values-step.tsx';
import { say } from '../../../shared/words/say.ts';

const stepWords: Record<Step, string> = { file: 'File', columns: 'Columns', values: 'Values', check: 'Check', job: 'Import' };

/** From a file to records in the book, step by step; nothing is written before the last one. */
export function ImportScreen() {
  const { step, preview, plan, jobId, problem, taking } = useImportFlow();
  const jobs = useImports();
  const fileName = preview?.fileName ?? jobs?.find(({ id }) => id === jobId)?.fileName;
  useFilesDropped();
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    // A new step is a new page for whoever does not see it.
    if (shown.current !== step) heading.current?.focus();
    shown.current = step;
  }, [step]);
  const isCards = preview?.format === 'vcard';
  const hasValues = preview !== null && plan !== null && valueColumns(preview, plan).length > 0;
  const steps = (['file', 'columns', 'values', 'check', 'job'] as const).filter((one) => one !== 'values' || (hasValues && !isCards));
  return (
    <div className={classes.screen}>
      <div className={classes.inner}>
        <h1 className={classes.title} ref={heading} tabIndex={-1}>
          Import{fileName === undefined ? '' : `: ${fileName}`}
        </h1>
        <ol className={classes.steps} aria-label="Steps">
          {steps.map((one) => (
            <li
              key={one}
              className={classes.step}
              aria-current={one === step ? 'step' : undefined}
              data-done={steps.indexOf(one) < steps.indexOf(step)}
            >
              {one === 'columns' && isCards ? 'Cards' : stepWords[one]}
            </li>
          ))}
        </ol>
        {problem === null || taking !== null ? null : (
          <Alert color="red" title="That did not work" mb="md" role="alert">
            {say(problem)}
          </Alert>
        )}
        {step === 'file' ? <FileStep /> : null}
        {step === 'columns' && preview !== null && plan !== null ? (
          <ColumnsStep preview={preview} plan={plan} next={hasValues && !isCards ? 'values' : 'check'} />
        ) : null}
        {step === 'values' && preview !== null && plan !== null ? <ValuesStep preview={preview} plan={plan} /> : null}
        {step === 'check' && preview !== null && plan !== null ? (
          <CheckStep preview={preview} plan={plan} back={hasValues && !isCards ? 'values' : 'columns'} />
        ) : null}
        {step === 'job' ? <JobStep /> : null}
      </div>
    </div>
  );
}

/** A file that is dropped anywhere on the window waits here. */
function useFilesDropped(): void {
  const waiting = useDroppedFile((state) => state.files);
  useEffect(() => {
    if (waiting.length === 0) return;
    const files = useDroppedFile.getState().take();
    if (files.length > 0) void takeFiles(files);
  }, [waiting]);
}
