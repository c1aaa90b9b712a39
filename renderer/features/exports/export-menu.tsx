import { Button, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload, IconFileSpreadsheet, IconFileTypeCsv, IconId } from '@tabler/icons-react';
import { useState } from 'react';
import type { FieldInfo } from '../../../shared/nouns/field.ts';
import { fieldsOf, type NounName } from '../../../shared/nouns/nouns.ts';
import type { WindowRequest } from '../../api/list-window.ts';
import { type ExportFormat, exports } from '../../api/transfer.ts';
import { announce } from '../../ui/announcer.tsx';
import { showProblem } from '../../ui/problem.tsx';
import { countOf } from '../history/command-words.ts';

const formats: readonly { format: ExportFormat; label: string; icon: typeof IconId }[] = [
  { format: 'csv', label: 'CSV', icon: IconFileTypeCsv },
  { format: 'xlsx', label: 'Excel', icon: IconFileSpreadsheet },
  { format: 'vcard', label: 'vCards', icon: IconId },
];

interface ExportMenuProps {
  noun: NounName;
  /** The list as it is filtered and sorted: what is exported is what is listed. */
  request: WindowRequest;
  /** Only these rows of it, when some are selected. */
  ids?: ReadonlySet<string>;
  /** Fields that are shown as columns, in their order. */
  columns: readonly FieldInfo[];
  /** Only the words of a wide button go where there is no room. */
  wordClass?: string | undefined;
}

/** Writes the list to a file: all fields or the columns on screen, and banking data only when it is asked for each time. */
export function ExportMenu({ noun, request, ids, columns, wordClass }: ExportMenuProps) {
  const [isBusy, setIsBusy] = useState(false);
  const [onlyShown, setOnlyShown] = useState(false);
  const [withSecret, setWithSecret] = useState(false);
  const hasSecret = fieldsOf(noun).some(({ secret }) => secret === true);
  const write = async (format: ExportFormat) => {
    setIsBusy(true);
    announce('Writing the file');
    await exportList(
      noun,
      request,
      ids === undefined ? null : [...ids],
      format,
      onlyShown ? columns.map(({ path }) => path) : [],
      withSecret && !onlyShown,
    );
    setIsBusy(false);
  };
  return (
    <Menu position="bottom-end" onOpen={() => setWithSecret(false)}>
      <Menu.Target>
        <Button
          {...(ids === undefined
            ? { variant: 'subtle', color: 'gray', size: 'compact-md', leftSection: <IconDownload size={16} /> }
            : { variant: 'default', size: 'compact-sm', leftSection: <IconDownload size={15} /> })}
          aria-label={ids === undefined ? 'Export' : 'Export the selected rows'}
          loading={isBusy}
        >
          <span className={wordClass}>Export</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{ids === undefined ? 'Export this list as' : `Export ${countOf(noun, ids.size)} as`}</Menu.Label>
        {formats
          .filter(({ format }) => format !== 'vcard' || noun === 'clients' || noun === 'contacts')
          .map(({ format, label, icon: Icon }) => (
            <Menu.Item key={format} leftSection={<Icon size={16} />} onClick={() => void write(format)}>
              {label}
            </Menu.Item>
          ))}
        <Menu.Divider />
        <Menu.Label>In CSV and Excel</Menu.Label>
        <Menu.CheckboxItem checked={onlyShown} onChange={setOnlyShown}>
          Only the columns on screen
        </Menu.CheckboxItem>
        {hasSecret ? (
          <Menu.CheckboxItem checked={withSecret && !onlyShown} disabled={onlyShown} onChange={setWithSecret}>
            Include banking data
          </Menu.CheckboxItem>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  );
}

async function exportList(
  noun: NounName,
  request: WindowRequest,
  ids: readonly string[] | null,
  format: ExportFormat,
  columns: readonly string[],
  includeSecret: boolean,
): Promise<void> {
  const made = await exports.create(noun, format, request, ids, columns, includeSecret);
  if (!made.ok) return showProblem(made.error);
  const saved = await exports.save(made.value.fileId);
  if (!saved.ok) return showProblem(saved.error);
  if (!saved.value.saved) return;
  const message = `${countOf(noun, made.value.rows)} exported to ${made.value.fileName}.`;
  announce(message);
  notifications.hide('export');
  notifications.show({ id: 'export', message, autoClose: 6000, withBorder: true });
}
