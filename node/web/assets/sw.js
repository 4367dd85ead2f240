// Keeps the pages that a member has seen, for when there is no signal: the network first, what was seen if it does not answer.
// It never sends a form. Whoever logs out leaves nothing behind.
"use strict";

const PAGES = "pages-1", FILES = "files-1";
const MOST = { [PAGES]: 80, [FILES]: 150 };
const PATIENCE = 4000; // milliseconds that the network has, where there is something else to show
const PRIVATE = /^\/(login|logout|join|welcome|oauth)(\/|$)/;
const FIXED = /^\/(assets|media)\//;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(begin());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter((name) => !(name in MOST)).map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method !== "GET") return;
  if (FIXED.test(url.pathname)) event.respondWith(file(request));
  else if (request.mode === "navigate") event.respondWith(PRIVATE.test(url.pathname) ? door(request, url.pathname === "/login") : page(event));
});

self.addEventListener("message", (event) => event.waitUntil(caches.match("/offline").then((held) => held || begin())));

async function begin() {
  const answer = await fetch("/offline", { headers: { accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const text = await answer.clone().text();
  await (await caches.open(PAGES)).put("/offline", answer);
  const files = [...text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((found) => found[1]);
  await (await caches.open(FILES)).addAll([...new Set(files)]);
  const outbox = await fetch("/outbox", { headers: { accept: "text/html" } });
  if (outbox.ok && !outbox.redirected) await (await caches.open(PAGES)).put("/outbox", outbox);
}

async function file(request) {
  const held = await caches.match(request);
  if (held) return held;
  const answer = await fetch(request);
  if (answer.ok) await put(FILES, request.url, answer.clone());
  return answer;
}

async function page(event) {
  const { request } = event, held = await (await caches.open(PAGES)).match(request.url);
  const fetched = fetch(request).then(async (answer) => {
    if (answer.ok && (answer.headers.get("content-type") || "").startsWith("text/html")) await put(PAGES, request.url, stamped(answer.clone()));
    return answer;
  });
  event.waitUntil(fetched.catch(() => {}));
  try {
    return await (held ? Promise.race([fetched, late()]) : fetched);
  } catch {
    return (await marked(held || (await caches.match("/offline")))) || Response.error();
  }
}

// A page that is never kept. Whoever stands before the login has gone out, or leads somebody else in: the pages that were seen go,
// but not before the login is there. (Logging out leads there, too.)
async function door(request, out) {
  try {
    const answer = await fetch(request);
    if (out) await caches.delete(PAGES);
    return answer;
  } catch {
    return (await caches.match("/offline")) || Response.error();
  }
}

const late = () => new Promise((_, reject) => setTimeout(reject, PATIENCE));

// When it was seen travels in a header, and is told to the page where it is shown again.

function stamped(answer) {
  const headers = new Headers(answer.headers);
  headers.set("x-seen", String(Date.now()));
  return new Response(answer.body, { status: answer.status, headers });
}

async function marked(held) {
  if (!held) return undefined;
  const seen = held.headers.get("x-seen"), text = await held.text();
  return new Response(seen ? text.replace("<body", `<body data-seen="${seen}"`) : text, { headers: held.headers });
}

async function put(name, url, answer) {
  const cache = await caches.open(name);
  await cache.delete(url);
  await cache.put(url, answer);
  const keys = await cache.keys();
  const kept = new Set(["/offline", "/outbox"]);
  const old = keys.filter((key) => !kept.has(new URL(key.url).pathname)).slice(0, Math.max(0, keys.length - MOST[name]));
  await Promise.all(old.map((key) => cache.delete(key)));
}
