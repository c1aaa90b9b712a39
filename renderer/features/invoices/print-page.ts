/** Opens the browser's print dialog on a page of its own, which goes away with the dialog. Nothing in it can run. */
export function printPage(html: string, title: string): void {
  document.querySelector('iframe[data-print]')?.remove();
  const frame = document.createElement('iframe');
  frame.dataset['print'] = '';
  frame.title = title;
  frame.setAttribute('aria-hidden', 'true');
  frame.tabIndex = -1;
  frame.style.cssText = 'position: fixed; inset-inline-start: -10000px; width: 800px; height: 600px; border: 0';
  // The dialog is opened from here, so the page itself needs no scripts.
  frame.setAttribute('sandbox', 'allow-same-origin allow-modals');
  frame.srcdoc = html;
  frame.addEventListener('load', () => {
    const page = frame.contentWindow;
    if (page === null) return;
    page.addEventListener('afterprint', () => frame.remove());
    page.focus();
    page.print();
  });
  document.body.append(frame);
}
