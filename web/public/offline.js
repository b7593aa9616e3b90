// The service worker of the page: it keeps the page's own files, so that the page works without a network.
// The list is written by .ci/offline.mjs. A new version waits until no page of the old one is open.

const { version, files } = { version: "", files: [] };
const name = `torchfile-${version}`;

addEventListener("install", (event) => {
  event.waitUntil(caches.open(name).then((cache) => cache.addAll(files)));
});

addEventListener("activate", (event) => {
  const isOld = (key) => key.startsWith("torchfile-") && key !== name;
  const clear = (keys) => Promise.all(keys.filter(isOld).map((key) => caches.delete(key)));
  event.waitUntil(Promise.all([caches.keys().then(clear), clients.claim()]));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  url.search = "";
  const path = url.href.slice(registration.scope.length);
  const isOurs = url.href.startsWith(registration.scope) && files.includes(path || "./");
  // Any other address is somebody's file: it is asked for as the page asks.
  if (isOurs) event.respondWith(kept(request, url));
});

async function kept(request, url) {
  const found = await (await caches.open(name)).match(url.href);
  if (found === undefined) return fetch(request);
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "");
  if (request.method === "GET" && range === null) return found;
  const bytes = await found.arrayBuffer();
  const headers = { "accept-ranges": "bytes", "content-length": bytes.byteLength };
  if (range === null) return new Response(null, { headers });
  const start = Number(range[1]);
  const end = Math.min(range[2] === "" ? bytes.byteLength : Number(range[2]) + 1, bytes.byteLength);
  const part = bytes.slice(start, end);
  headers["content-length"] = part.byteLength;
  headers["content-range"] = `bytes ${start}-${end - 1}/${bytes.byteLength}`;
  return new Response(part, { status: 206, headers });
}
