import './app/zod-without-eval.ts';
import '@mantine/core/styles.layer.css';
import '@mantine/notifications/styles.layer.css';
import './app/app.css';
import { MantineProvider } from '@mantine/core';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { hasBook } from './api/crm.ts';
import { NoBookScreen } from './app/no-book-screen.tsx';
import { router } from './app/router.tsx';
import { resolver, theme } from './app/theme.ts';
import { rememberFocus } from './ui/last-focus.ts';

const root = document.getElementById('root');
if (root !== null) {
  rememberFocus();
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={resolver} defaultColorScheme="auto">
        {hasBook() ? <RouterProvider router={router} /> : <NoBookScreen />}
      </MantineProvider>
    </StrictMode>,
  );
}
