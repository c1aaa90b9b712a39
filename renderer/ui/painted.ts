/** Marks the moment what was just rendered is on the screen: after the next frame and the task behind it. For `npm run bench`. */
export function markPainted(name: string, detail?: Record<string, number>): void {
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      performance.mark(name, { detail });
      channel.port1.close();
    };
    channel.port2.postMessage(null);
  });
}
