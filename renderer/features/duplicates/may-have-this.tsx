import { Alert, Anchor, Text } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { DuplicateNoun, DuplicateReason, LikeRecord } from '../../../shared/contracts/duplicate.contract.ts';
import { recordsLike } from '../../api/duplicates.ts';

export const reasonWords: Record<DuplicateReason, string> = {
  phone: 'same phone',
  email: 'same e-mail',
  website: 'same website or e-mail domain',
  name: 'same name',
  similarName: 'similar name',
  address: 'same address',
};

const ASK_AFTER_MS = 250;

/** Says while somebody fills in a form that the book may have this already. It never stops anybody. */
export function MayHaveThis({ noun, fields, onOpen }: { noun: DuplicateNoun; fields: Record<string, unknown>; onOpen: () => void }) {
  const [found, setFound] = useState<readonly LikeRecord[]>([]);
  const navigate = useNavigate();
  const asked = JSON.stringify(fields);
  useEffect(() => {
    let isCurrent = true;
    const timer = setTimeout(() => {
      void recordsLike(noun, JSON.parse(asked) as Record<string, unknown>).then((records) => {
        if (isCurrent) setFound(records);
      });
    }, ASK_AFTER_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [noun, asked]);
  if (found.length === 0) return null;
  return (
    <Alert variant="light" color="gray" icon={<IconCopy size={18} />} mt="sm" py={8} role="status" title="You may already have this:">
      {found.map(({ id, title, reasons }) => (
        <Text key={id} size="sm">
          {title} ({reasons.map((reason) => reasonWords[reason]).join(', ')}){' '}
          <Anchor
            component="button"
            type="button"
            inherit
            aria-label={`Open ${title}`}
            onClick={() => {
              onOpen();
              void navigate({ to: '/$noun/$id', params: { noun, id }, search: {} });
            }}
          >
            Open
          </Anchor>
        </Text>
      ))}
    </Alert>
  );
}
