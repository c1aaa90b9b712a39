import { Button, Progress, Text } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useRef } from 'react';
import { formatCount } from '../../ui/field-text.ts';
import { FormerImports } from './former-imports.tsx';
import { takeFiles, useImportFlow } from './import-flow.ts';
import classes from './import-screen.module.css';
import { sizeWords } from './import-words.ts';

const accepted =
  '.csv,.tsv,.txt,.xlsx,.vcf,.vcard,text/csv,text/tab-separated-values,text/vcard,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

export function FileStep() {
  const taking = useImportFlow((state) => state.taking);
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <section className={classes.drop} aria-label="Choose a file">
        {taking === null ? (
          <>
            <span className={classes.dropIcon} aria-hidden>
              <IconFileUpload size={26} stroke={1.6} />
            </span>
            <p className={classes.dropTitle}>Drop a file anywhere on this window</p>
            <Text size="sm" c="dimmed">
              CSV, TSV, Excel (.xlsx) or vCards, up to 200 MB. You see what will happen before anything is written.
            </Text>
            <Button mt="sm" onClick={() => input.current?.click()}>
              Choose a file
            </Button>
            <input
              ref={input}
              type="file"
              className={classes.hiddenInput}
              tabIndex={-1}
              aria-hidden
              accept={accepted}
              multiple
              data-testid="import-file"
              onChange={(event) => {
                const files = [...(event.currentTarget.files ?? [])];
                // The same file may be chosen again after it was mended.
                event.currentTarget.value = '';
                if (files.length > 0) void takeFiles(files);
              }}
            />
          </>
        ) : (
          <div className={classes.taking} role="status">
            <p className={classes.dropTitle}>{taking.done < taking.size ? `Taking in ${taking.name}` : `Reading ${taking.name}`}</p>
            <Progress
              value={taking.size === 0 ? 100 : (100 * taking.done) / taking.size}
              animated={taking.done >= taking.size}
              aria-label="File taken in"
              w="100%"
            />
            <Text size="sm" c="dimmed">
              {taking.done < taking.size
                ? `${formatCount(Math.floor((100 * taking.done) / Math.max(1, taking.size)))} % of ${sizeWords(taking.size)}`
                : sizeWords(taking.size)}
            </Text>
          </div>
        )}
      </section>
      <FormerImports />
    </>
  );
}
