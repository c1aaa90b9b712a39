import { Button, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload, IconFileSpreadsheet, IconFileTypeCsv, IconId } from '@tabler/icons-react';
import { useState } from 'react';
import type { NounName } from '../../../shared/entities/nouns.ts';
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
  /** Only the words of a wide button go where there is no room. */
  wordClass?: string | undefined;
}

/** Writes the list to a file, with all fields or, for clients, also with banking data when it is asked for. */
export function ExportMenu({ noun, request, wordClass }: ExportMenuProps) {
  const [isBusy, setIsBusy] = useState(false);
  const write = async (format: ExportFormat, includeSecret: boolean) => {
    setIsBusy(true);
    announce('Writing the file');
    await exportList(noun, request, format, includeSecret);
    setIsBusy(false);
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="subtle" color="gray" size="compact-md" aria-label="Export" loading={isBusy} leftSection={<IconDownload size={16} />}>
          <span className={wordClass}>Export</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>This list, all fields</Menu.Label>
        {formats
          .filter(({ format }) => format !== 'vcard' || noun !== 'locations')
          .map(({ format, label, icon: Icon }) => (
            <Menu.Item key={format} leftSection={<Icon size={16} />} onClick={() => void write(format, false)}>
              {label}
            </Menu.Item>
          ))}
        {noun === 'clients' ? (
          <>
            <Menu.Divider />
            <Menu.Label>With banking data</Menu.Label>
            {formats
              .filter(({ format }) => format !== 'vcard')
              .map(({ format, label, icon: Icon }) => (
                <Menu.Item key={format} leftSection={<Icon size={16} />} onClick={() => void write(format, true)}>
                  {label} with banking data
                </Menu.Item>
              ))}
          </>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  );
}

async function exportList(noun: NounName, request: WindowRequest, format: ExportFormat, includeSecret: boolean): Promise<void> {
  const made = await exports.create(noun, format, request, [], includeSecret);
  if (!made.ok) return showProblem(made.error);
  const saved = await exports.save(made.value.fileId);
  if (!saved.ok) return showProblem(saved.error);
  if (!saved.value.saved) return;
  const message = `${countOf(noun, made.value.rows)} exported to ${made.value.fileName}.`;
  announce(message);
  notifications.hide('export');
  notifications.show({ id: 'export', message, autoClose: 6000, withBorder: true });
}
