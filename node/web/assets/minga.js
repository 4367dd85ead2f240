// What a telephone with little signal needs more. Every page works without this script; it only adds: pages that were seen stay
// readable, forms that were filled wait in an outbox until there is signal, photographs are made small before they travel.
"use strict";

const SIDE = 1600; // pixels of the longer side of a photograph
const WAITS = /^\/(new|answer|kitchen|edit|withdraw)\//; // forms that the server takes once; a password never waits on a telephone
const SETTLES = /^\/(answer|edit|withdraw)\/|^\/kitchen\/pickups\/\d+\/(end$|[\d-]+\/(join|leave|weigh)$)/; // what says the same however often it comes: it needs no key
const LOOKS = /^(preview|edit|more)\b/; // steps that bring back the form: they need signal
const HEAD = 60; // letters of what was typed that stand in the heading of what waits
const TAPS = 3000; // milliseconds in which a second tap is no second thing
const PATIENCE = 20000; // milliseconds until a form that is being sent is left to the outbox

// What is younger than Chrome 81 and Safari 15.4 is done by what they have: telephones grow old.
const limit = (ms) => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
};
const unique = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const alone = (work) => (navigator.locks ? navigator.locks.request("outbox", { ifAvailable: true }, work) : work(true));
function fill(place, ...parts) {
  place.textContent = "";
  place.append(...parts);
}

const signal = document.getElementById("signal");
const say = (name, values = {}) =>
  Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, () => value), signal.dataset[name]);

function tell(text, href = "", mood = "") {
  const line = document.createElement("p");
  line.className = `notice ${mood}`;
  const within = href ? document.createElement("a") : line;
  if (href) {
    within.href = href;
    line.append(within);
  }
  within.textContent = text;
  signal.append(line);
  return line;
}

// The outbox: one row a form that was filled, kept until the server has answered it. By the form's own key the server knows a form
// that comes twice. A tap without one has one row for where it goes to and what it says unseen: whom it is about, and yes or no.
// Whose a row is stands in it: on a telephone of several nothing is sent in the name of whoever comes in next. A row of an older
// script says nothing of it: it is shown to everybody, and whoever sends it makes it hers.

const owner = document.body.dataset.owner;
const isMine = (item) => !item.owner || item.owner === owner;

const opened = new Promise((resolve, reject) => {
  const asked = indexedDB.open("minga", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("outbox", { keyPath: "id" });
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});

async function outbox(mode, work) {
  const transaction = (await opened).transaction("outbox", mode, { durability: "strict" });
  const asked = work(transaction.objectStore("outbox"));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

const keep = (item) => outbox("readwrite", (store) => store.put(item));
const drop = (id) => outbox("readwrite", (store) => store.delete(id));
const waiting = async () => (await outbox("readonly", (store) => store.getAll())).sort((a, b) => a.at - b.at);

// Sending. What comes back is one of: done (with the page that it led to), refused (with the page that says why), later.

async function post(item, csrf = "") {
  const body = new FormData();
  for (const [name, value] of item.entries) body.append(name, name === "csrf" && csrf ? csrf : value);
  const plain = item.plain ? new URLSearchParams(body) : body;
  try {
    const answer = await fetch(item.action, { method: "POST", body: plain, signal: limit(PATIENCE) });
    if (answer.status === 401 || (answer.redirected && new URL(answer.url).pathname === "/login")) return { outcome: "login" };
    if (answer.status >= 500 || answer.status === 429) return { outcome: "later" };
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.redirected && answer.ok) return { outcome: "done", url: answer.url };
    return { outcome: answer.ok ? "answered" : "refused", page };
  } catch {
    return { outcome: "later" };
  }
}

async function freshSeal() {
  const answer = await fetch("/outbox", { headers: { accept: "text/html" }, signal: limit(PATIENCE) });
  if (new URL(answer.url).pathname === "/login") return null;
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return { csrf: page.querySelector("input[name=csrf]").value, owner: page.body.dataset.owner };
}

function sendAll() {
  // One tab at a time; what another tab sends comes back as what was sent already.
  return alone(async (lock) => {
    if (!lock) return;
    const items = (await waiting()).filter((item) => item.state === "waiting");
    if (!items.length) return;
    let seal;
    try {
      seal = await freshSeal();
    } catch {
      return;
    }
    if (seal === null) {
      tell(say("again"), "/login?next=/outbox&ended=yes");
      return;
    }
    for (const item of items.filter((each) => each.owner === seal.owner)) {
      const { outcome, url, page } = await post(item, seal.csrf);
      if (outcome === "done") {
        await drop(item.id);
        tell(say("sent", { what: item.title }), url, "good");
      } else if (outcome === "answered" || outcome === "refused") {
        const told = page.querySelector(outcome === "refused" ? "[role=alert], .error" : "main");
        await keep({ ...item, state: outcome, note: (told || page.body).innerText.trim().slice(0, 2000) });
      } else {
        break;
      }
    }
    await show();
  });
}

// What waits, on every page as one line and on its own page as a list.

async function show() {
  const items = await waiting();
  signal.querySelector("[data-count]")?.remove();
  const list = document.getElementById("outbox");
  const own = items.filter(isMine).length;
  if (own && !list) tell(say("waiting", { number: own }), "/outbox").dataset.count = "";
  if (!list) return;
  const shape = document.getElementById("waiting").content;
  fill(
    list,
    ...items.map((item) => {
      const row = shape.cloneNode(true);
      const slot = (name) => row.querySelector(`[data-${name}]`);
      const mine = isMine(item);
      slot("title").textContent = mine ? item.title : list.dataset.other;
      slot("at").textContent = new Date(item.at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
      slot("text").textContent = mine ? item.text : list.dataset.others;
      slot("note").textContent = item.note || (item.owner ? "" : list.dataset.unknown);
      slot("note").hidden = !mine || !slot("note").textContent;
      slot("send").hidden = !mine || item.state !== "waiting";
      slot("send").onclick = async () => {
        if (!item.owner) await keep({ ...item, owner });
        sendAll();
      };
      slot("change").hidden = !mine || item.state === "answered";
      slot("change").href = `${item.page}#outbox=${encodeURIComponent(item.id)}`;
      slot("drop").onclick = () => drop(item.id).then(show);
      return row;
    }),
  );
  document.getElementById("nothing").hidden = items.length > 0;
}

// What a box says, as whoever filled it in sees it; of what stood ticked there also that it is no longer.
function said(box) {
  if (box.type === "checkbox" || box.type === "radio") {
    const label = box.labels[0]?.innerText;
    return box.checked ? label : box.type === "checkbox" && box.defaultChecked && say("unticked", { what: label });
  }
  if (box.type === "file") return [...box.files].map((file) => file.name || "📷").join(" ");
  if (box.localName === "select") return box.value && box.selectedOptions[0].text;
  return box.value.trim();
}

// The unit of a tap stands unseen beside its box.
const unitOf = (box) => box.form.elements[`${box.name}.unit`]?.value;
function withUnit(number, unit) {
  const named = /\p{L}/u.test(number.replace(/(^|\s)(y|medi[oa]|half)(?=\s|$)/gi, ""));
  return !number || !unit || named ? number : `${number} ${unit}`;
}

// An amount and the unit that stands beside it are one thing; the unit of none says nothing, nor where one was typed with it.
function amount(box) {
  const [number, unit] = ["input", "select"].map((name) => box.closest(".pair").querySelector(name));
  if (box !== number || !said(number) || !unit) return box === number && said(number);
  return withUnit(said(number), said(unit));
}

const spoken = (form) =>
  [...form.elements]
    .filter((box) => box.name && box.type !== "hidden" && box.localName !== "button")
    .map((box) => (box.closest(".pair") ? amount(box) : unitOf(box) ? withUnit(said(box), unitOf(box)) : said(box)))
    .filter(Boolean);

// What a tap says besides: of two taps to one address each keeps its own row.
const unseen = (form) =>
  [...form.elements].filter((box) => box.type === "hidden" && box.name && box.name !== "csrf").map((box) => `${box.name}=${box.value}`);

// Forms. One with a key can wait; one without needs signal now. A picture is made small, unless its very bytes count.

async function small(file) {
  if (!file.type.startsWith("image/")) return file;
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return made ? new File([made], file.name.replace(/\.\w+$/, "") + ".jpg", { type: made.type }) : file;
  } catch {
    return file; // no photograph for this browser; the server says what it is
  }
}

async function itemOf(form, submitter) {
  const entries = [];
  const filled = new FormData(form);
  if (submitter?.name) filled.append(submitter.name, submitter.value);
  for (const [name, value] of filled) {
    if (!(value instanceof File)) entries.push([name, value]);
    else if (value.size) entries.push([name, "whole" in form.elements[name].dataset ? value : await small(value)]);
  }
  const words = spoken(form);
  const titled = form.closest("article")?.querySelector("h2, h3, strong") || document.querySelector("h1");
  return {
    id: form.elements.key?.value ? unique() : [owner, form.action, ...unseen(form)].join("\n"),
    owner,
    action: form.action,
    page: location.pathname + location.search,
    plain: form.enctype !== "multipart/form-data",
    title: [submitter?.innerText, form.dataset.about || titled?.innerText, words[0]?.slice(0, HEAD)].filter(Boolean).join(" · "),
    text: words.join(" · "),
    entries,
    at: Date.now(),
    state: "waiting",
    note: "",
  };
}

async function submit(form, submitter) {
  const item = await itemOf(form, submitter);
  await keep(item);
  const before = new URLSearchParams(location.hash.slice(1)).get("outbox");
  if (before && before !== item.id) await drop(before);
  const { outcome, url, page } = await post(item);
  if (outcome === "done") {
    await drop(item.id);
    location.assign(url);
  } else if (outcome === "answered" || outcome === "refused") {
    await drop(item.id);
    document.title = page.title;
    document.querySelector("main").replaceWith(page.querySelector("main"));
    fill(signal);
    await show();
    scrollTo(0, 0);
    (document.querySelector("main [role=alert] a, main [aria-invalid]") || document.querySelector("main")).focus();
  } else {
    location.assign(outcome === "login" ? "/login?next=/outbox&ended=yes" : "/outbox");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target, step = event.submitter?.name === "step" ? event.submitter.value : "";
  if (event.defaultPrevented || form.method !== "post" || !("submitter" in event)) return; // which button it was, only the browser knows
  const path = new URL(form.action).pathname;
  const canWait = WAITS.test(path) && (form.elements.key?.value || SETTLES.test(path)) && !LOOKS.test(step);
  if (canWait) {
    event.preventDefault();
    const sent = submit(form, event.submitter);
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    fill(signal);
    tell(say("sending"));
    sent.catch(() => form.submit());
  } else if (form.dataset.sent) {
    event.preventDefault(); // a second tap, while the first is on its way
  } else if (!navigator.onLine) {
    event.preventDefault();
    tell(say("needs"), "", "bad").scrollIntoView({ block: "center" });
  } else {
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, TAPS);
  }
});

const OWN = new Set(["csrf", "key", "step", "seen", "shown"]); // what every form has of its own

// A form that waits, opened again to change it: what was typed goes back into its boxes.

const place = (address) => address.split("#")[0]; // a form without an address of its own goes to that of its page

async function refill() {
  const id = new URLSearchParams(location.hash.slice(1)).get("outbox");
  const item = id && (await waiting()).find((each) => each.id === id && isMine(each));
  const alike = [...document.forms].filter((each) => item && each.elements.csrf && place(each.action) === place(item.action));
  const about = (each, [name, value]) => each.elements[name]?.type !== "hidden" || OWN.has(name) || each.elements[name].value === value;
  const holds = (each) => item.entries.every(([name]) => OWN.has(name) || each.elements[name]);
  const fits = alike.filter((each) => item.entries.every((entry) => about(each, entry)));
  const form = fits.find(holds) || fits[0] || alike[0];
  if (!form) return;
  for (const box of form.elements) if (box.type === "checkbox") box.checked = false; // what was unticked is not among what was sent
  for (const [name, value] of item.entries) {
    // It may have arrived although no answer came: by its key the server can tell.
    if (name === "key" && item.state === "waiting" && form.elements.key) form.elements.key.value = value;
    if (OWN.has(name)) continue;
    const boxes = [...form.elements].filter((box) => box.name === name);
    for (const box of boxes) {
      if (value instanceof File) {
        const files = new DataTransfer();
        files.items.add(value);
        box.files = files.files;
      } else if (box.type === "checkbox" || box.type === "radio") box.checked = box.checked || box.value === value;
      else box.value = value;
      box.closest("details")?.setAttribute("open", "");
    }
  }
}

// The page that is open: seen a while ago where there is no signal now.

const seen = document.body.dataset.seen;
if (seen) {
  // Each time the same page comes back it brings the same keys, and what is written on it now is something new.
  for (const form of document.forms) if (form.elements.key?.value) form.elements.key.value = unique();
  const time = new Date(Number(seen)).toLocaleString(document.documentElement.lang, { weekday: "long", hour: "numeric", minute: "2-digit" });
  tell(say("seen", { time }));
}
navigator.serviceWorker?.register("/sw.js").catch(() => {}); // a browser that refuses it just has no pages without signal
navigator.serviceWorker?.controller?.postMessage("keep");
addEventListener("online", sendAll);
addEventListener("pageshow", ({ persisted }) => {
  // Back on a page as it was left, its buttons too.
  if (persisted) for (const button of document.querySelectorAll("form button:disabled")) button.disabled = false;
});
refill().then(show).then(sendAll);
