// Keeps the app itself on the device, so that it starts without a network. It never sees patient data:
// everything under /api passes it by, and nothing it stores comes from there.

// Replaced by the build with the list of files and their revisions.
const files = self.__SATCHEL_FILES;

const revision = files.map((file) => file.url + (file.revision ?? "")).join("\n");
const cacheName = digest(revision).then((name) => `satchel-${name}`);
// Replaced by the build, too: files that are fetched when they are first used, and kept from then on. Their names carry
// their version.
const later = self.__SATCHEL_LATER;
const laterName = "later";

self.addEventListener("install", (event) => {
  // No skipWaiting here: a new version waits until the app says that nothing is unsaved.
  event.waitUntil(
    cacheName.then(async (name) => {
      const cache = await caches.open(name);
      await cache.addAll(files.map((file) => new Request(file.url, { cache: "no-cache" })));
    }),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    cacheName.then(async (current) => {
      const names = await caches.keys();
      const old = names.filter((name) => name.startsWith("satchel-") && name !== current);
      await Promise.all(old.map((name) => caches.delete(name)));
      await forgetWhatIsNotUsedAnyMore();
      await self.clients.claim();
    }),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "use-new-version") self.skipWaiting();
});

// A notification names nobody; touching it only brings Satchel to the front.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    self.clients.matchAll({ type: "window" }).then((windows) =>
      windows.length > 0 ? windows[0].focus() : self.clients.openWindow("/"),
    ),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || isForTheServer(url)) return;
  event.respondWith(fromCache(request));
});

function isForTheServer(url) {
  return ["/api/", "/itk/", "/health/", "/metrics", "/simulator/", "/bars/", "/.well-known/"].some((path) =>
    url.pathname.startsWith(path),
  );
}

async function fromCache(request) {
  if (later.includes(new URL(request.url).pathname)) return fromFirstUse(request);
  const cache = await caches.open(await cacheName);
  // Every screen is the one page; its address only says which screen.
  const wanted = request.mode === "navigate" ? "/index.html" : request;
  const found = await cache.match(wanted, { ignoreSearch: request.mode === "navigate" });
  return found ?? fetch(request);
}

async function fromFirstUse(request) {
  const cache = await caches.open(laterName);
  const found = await cache.match(request);
  if (found) return found;
  const fetched = await fetch(request);
  // What has arrived is of use even where it cannot be kept, when the storage is full, say.
  if (fetched.ok) await cache.put(request, fetched.clone()).catch(() => undefined);
  return fetched;
}

async function forgetWhatIsNotUsedAnyMore() {
  const cache = await caches.open(laterName);
  const old = (await cache.keys()).filter((request) => !later.includes(new URL(request.url).pathname));
  await Promise.all(old.map((request) => cache.delete(request)));
}

async function digest(text) {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes).slice(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
