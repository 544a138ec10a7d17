/** Which of the app's windows this is. */

interface Internals {
  metadata?: { currentWindow?: { label?: string } };
}

/** True in the small window of quick ask. */
export function isQuick(): boolean {
  const internals = (window as { __TAURI_INTERNALS__?: Internals }).__TAURI_INTERNALS__;
  return internals?.metadata?.currentWindow?.label === 'quick';
}
