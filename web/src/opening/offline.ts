/** The installed page: without a network, and as what the system opens `.t7` files with. */

import { isOneFile } from "./core.js";
import { openHandle } from "./picker.js";

interface LaunchQueue {
  setConsumer(take: (launch: { files?: readonly FileSystemFileHandle[] }) => void): void;
}

/** Has the browser keep the page's files, and takes files that the system's file manager gives. */
export function startOffline(): void {
  if (isOneFile || !import.meta.env.PROD) return;
  // Refused where the page is not secure or storage is forbidden: it works all the same.
  navigator.serviceWorker?.register("./offline.js").catch(() => {});
  (window as unknown as { launchQueue?: LaunchQueue }).launchQueue?.setConsumer(
    ({ files = [] }) => {
      for (const handle of files) void openHandle(handle);
    },
  );
}
