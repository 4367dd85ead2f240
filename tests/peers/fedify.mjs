/**
 * A Fedify server that a test can order about: a peer whose reading of ActivityPub, signatures and proofs is not ours.
 *
 *     node fedify.mjs [--port N] [--only cavage|rfc9421] [--authorized-fetch] [--approve] [--keys FILE]
 *
 * Prints `listening ORIGIN` when it is ready. Each actor is `ORIGIN/users/NAME`, made when first asked for. What comes in
 * is checked by Fedify's own functions before Fedify handles it, because Fedify is content with one valid proof and
 * then never looks at the HTTP signature. Orders and answers: `control` below, spoken by `tests/fedify.py`.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { format, parseArgs } from "node:util";
import { createFederation, exportJwk, generateCryptoKeyPair, importJwk, MemoryKvStore } from "@fedify/fedify";
import * as vocab from "@fedify/fedify/vocab";
import { Temporal } from "@js-temporal/polyfill";
import { configure } from "@logtape/logtape";
import { inspect, loaders, proofHolds, SPECS } from "./inspect.mjs";

const { values: flags } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    only: { type: "string" },
    "authorized-fetch": { type: "boolean", default: false },
    approve: { type: "boolean", default: false },
    keys: { type: "string" },
  },
});

/** The actor that signs what no user asked for; its document is open even where all others ask for a signature. */
const INSTANCE = "instance";
const PUBLIC = vocab.PUBLIC_COLLECTION;
const MEDIA_TYPE = "application/activity+json";

await configure({
  contextLocalStorage: new AsyncLocalStorage(),
  sinks: { stderr: (record) => console.error(record.level, record.category.join("."), record.message.map(String).join("")) },
  loggers: [
    { category: "fedify", sinks: ["stderr"], lowestLevel: "warning" },
    { category: ["logtape", "meta"], sinks: ["stderr"], lowestLevel: "warning" },
  ],
});

/** The words in which Fedify's reading of anything is shown: those of FEP-0837 beside ActivityStreams. */
const VF = "https://w3id.org/valueflows/ont/vf#";
const OM2 = "http://www.ontology-of-units-of-measure.org/resource/om-2/";
const inVf = (...names) => Object.fromEntries(names.map((name) => [name, `${VF}${name}`]));
const CONTEXT = [
  "https://www.w3.org/ns/activitystreams",
  "https://w3id.org/security/v1",
  "https://w3id.org/security/data-integrity/v1",
  "https://w3id.org/security/multikey/v1",
  {
    ...inVf("Proposal", "Intent", "Agreement", "Commitment", "purpose", "unitBased", "publishes", "reciprocal", "action"),
    ...inVf("stipulates", "stipulatesReciprocal", "resourceQuantity", "availableQuantity", "minimumQuantity"),
    hasUnit: `${OM2}hasUnit`,
    hasNumericalValue: { "@id": `${OM2}hasNumericalValue`, "@type": "http://www.w3.org/2001/XMLSchema#decimal" },
    resourceConformsTo: { "@id": `${VF}resourceConformsTo`, "@type": "@id" },
    satisfies: { "@id": `${VF}satisfies`, "@type": "@id" },
  },
];

/** What this server knows, by URL. `said` keeps activities for Undo, Accept and Reject. */
const objects = new Map();
const gone = new Set();
const said = new Map();
const followers = new Map();
const following = new Map();
const received = [];
let origin = "";
let nextId = 1;

const of = (map, name) => map.get(name) ?? map.set(name, new Map()).get(name);
const now = () => Temporal.Now.instant();
const mint = (kind) => new URL(`${origin}/${kind}/${nextId++}`);
const reencode = (thing) => thing.toJsonLd({ format: "compact", context: CONTEXT, contextLoader: loaders.contextLoader });

// Keys, kept in a file so that a server can come back as itself, or, without the file, as an impostor.

const pairs = new Map();

async function keyPairs(name) {
  if (!pairs.has(name)) {
    pairs.set(name, readKeys()[name] ? recalled(readKeys()[name]) : made(name));
  }
  return await pairs.get(name);
}

const readKeys = () => (flags.keys && existsSync(flags.keys) ? JSON.parse(readFileSync(flags.keys, "utf8")) : {});

async function recalled(jwks) {
  return await Promise.all(
    jwks.map(async ({ privateKey, publicKey }) => ({
      privateKey: await importJwk(privateKey, "private"),
      publicKey: await importJwk(publicKey, "public"),
    })),
  );
}

async function made(name) {
  const fresh = [await generateCryptoKeyPair("RSASSA-PKCS1-v1_5"), await generateCryptoKeyPair("Ed25519")];
  if (flags.keys) {
    const jwks = await Promise.all(
      fresh.map(async (pair) => ({ privateKey: await exportJwk(pair.privateKey), publicKey: await exportJwk(pair.publicKey) })),
    );
    writeFileSync(flags.keys, JSON.stringify({ ...readKeys(), [name]: jwks }));
  }
  return fresh;
}

// The server as Fedify sees it.

const federation = createFederation({
  kv: new MemoryKvStore(),
  allowPrivateAddress: true,
  ...(flags.only ? { firstKnock: SPECS[flags.only] } : {}),
});

async function mayRead(ctx, name) {
  if (!flags["authorized-fetch"] || name === INSTANCE) return true;
  const documentLoader = await ctx.getDocumentLoader({ identifier: INSTANCE });
  return (await ctx.getSignedKeyOwner({ documentLoader })) != null;
}

federation
  .setActorDispatcher("/users/{identifier}", async (ctx, name) => {
    if (!/^[a-z0-9_]{1,30}$/.test(name)) return null;
    const keys = await ctx.getActorKeyPairs(name);
    const Type = name === INSTANCE ? vocab.Application : vocab.Person;
    return new Type({
      id: ctx.getActorUri(name),
      preferredUsername: name,
      name: name.toUpperCase(),
      url: ctx.getActorUri(name),
      inbox: ctx.getInboxUri(name),
      outbox: ctx.getOutboxUri(name),
      followers: ctx.getFollowersUri(name),
      following: ctx.getFollowingUri(name),
      endpoints: new vocab.Endpoints({ sharedInbox: ctx.getInboxUri() }),
      manuallyApprovesFollowers: flags.approve,
      publicKey: keys[0].cryptographicKey,
      assertionMethods: keys.map((pair) => pair.multikey),
    });
  })
  .setKeyPairsDispatcher(async (_ctx, name) => await keyPairs(name))
  .authorize(mayRead);

for (const [Type, place] of [[vocab.Note, "notes"], [vocab.Proposal, "proposals"]]) {
  federation
    .setObjectDispatcher(Type, `/${place}/{id}`, (_ctx, { id }) => objects.get(`${origin}/${place}/${id}`) ?? null)
    .authorize((ctx) => mayRead(ctx));
}
federation.setOutboxDispatcher("/users/{identifier}/outbox", (ctx, name) => ({
  items: [...said.values()].filter((activity) => activity.actorId.href === ctx.getActorUri(name).href),
}));
federation.setFollowersDispatcher("/users/{identifier}/followers", (_ctx, name) => ({
  items: [...of(followers, name).values()],
}));
federation.setFollowingDispatcher("/users/{identifier}/following", (_ctx, name) => ({
  items: [...of(following, name).keys()].map((id) => new URL(id)),
}));
federation.setNodeInfoDispatcher("/nodeinfo/2.1", () => ({
  software: { name: "fedify-peer", version: "1.0.0" },
  protocols: ["activitypub"],
  usage: { users: { total: pairs.size }, localPosts: objects.size, localComments: 0 },
}));

const HEARD = ["Create", "Update", "Delete", "Follow", "Accept", "Reject", "Like", "Announce", "Undo", "Block", "Offer", "Move"];
const listeners = federation.setInboxListeners("/users/{identifier}/inbox", "/inbox");
for (const type of HEARD) {
  listeners.on(vocab[type], async (ctx, activity) => {
    ctx.data.parsed = await reencode(activity);
    await reactions[type]?.(ctx, activity);
  });
}
listeners.onError((ctx, error) => {
  if (ctx.data) ctx.data.error = String(error);
});

const reactions = {
  async Follow(ctx, follow) {
    const { type, identifier } = ctx.parseUri(follow.objectId) ?? {};
    if (type !== "actor") return;
    said.set(follow.id.href, follow);
    if (!flags.approve) await answer(ctx, identifier, follow, vocab.Accept);
  },
  async Accept(ctx, accept) {
    const follow = said.get(accept.objectId?.href);
    if (follow instanceof vocab.Follow) {
      of(following, ctx.parseUri(follow.actorId).identifier).set(follow.objectId.href, true);
    }
  },
  async Undo(ctx, undo) {
    const follow = said.get(undo.objectId?.href) ?? (await undo.getObject(loaders));
    const target = follow instanceof vocab.Follow ? ctx.parseUri(follow.objectId) : null;
    if (target?.type === "actor") of(followers, target.identifier).delete(undo.actorId.href);
  },
};

async function answer(ctx, name, follow, Type) {
  const follower = await follow.getActor(loaders);
  if (Type === vocab.Accept) of(followers, name).set(follower.id.href, follower);
  else of(followers, name).delete(follower.id.href);
  return await send(ctx, name, [follower], new Type({ id: mint("activities"), actor: ctx.getActorUri(name), object: follow.id }));
}

/**
 * Signs and posts at once, without a queue: an error here is the answer that the peer gave. Where a connection broke before any
 * answer, it is tried once more, as the queue would.
 */
async function send(ctx, name, recipients, activity) {
  said.set(activity.id.href, activity);
  const post = () => ctx.sendActivity({ identifier: name }, recipients, activity);
  await post().catch((error) => (error.statusCode ? Promise.reject(error) : post()));
  return { id: activity.id.href, object: activity.objectId?.href };
}

// Orders: `POST /control/VERB` with a JSON body; every one takes `as`, the name of the actor that speaks.

const control = {
  async follow(ctx, { as, actor }) {
    const target = await lookup(ctx, as, actor);
    const follow = new vocab.Follow({ id: mint("activities"), actor: ctx.getActorUri(as), object: target.id });
    return await send(ctx, as, [target], follow);
  },
  async settle(ctx, { as, follow, accept }) {
    return await answer(ctx, as, said.get(follow), accept ? vocab.Accept : vocab.Reject);
  },
  async post(ctx, { as, content, visibility = "public", to = [], inReplyTo }) {
    const actors = await Promise.all(to.map((id) => lookup(ctx, as, id)));
    const parent = inReplyTo ? await lookup(ctx, as, inReplyTo) : null;
    if (parent?.attributionId) actors.push(await lookup(ctx, as, parent.attributionId.href));
    const mine = ctx.getFollowersUri(as);
    const note = new vocab.Note({
      id: mint("notes"),
      attribution: ctx.getActorUri(as),
      content,
      published: now(),
      replyTarget: parent?.id,
      tos: [...(visibility === "public" ? [PUBLIC] : visibility === "followers" ? [mine] : []), ...actors.map((a) => a.id)],
      ccs: visibility === "public" ? [mine] : [],
      tags: actors.map((a) => new vocab.Mention({ href: a.id, name: `@${a.preferredUsername}@${a.id.host}` })),
    });
    objects.set(note.id.href, note);
    const heard = visibility === "direct" ? actors : [...actors, ...of(followers, as).values()];
    const create = { id: new URL(`${note.id}#create`), actor: ctx.getActorUri(as), object: note, tos: note.toIds, ccs: note.ccIds };
    return await send(ctx, as, heard, new vocab.Create(create));
  },
  async edit(ctx, { as, id, content, to = [] }) {
    const note = objects.get(id).clone({ content, updated: now() });
    objects.set(id, note);
    const update = { id: mint("activities"), actor: ctx.getActorUri(as), object: note, tos: note.toIds, ccs: note.ccIds };
    return await send(ctx, as, await audience(ctx, as, to), new vocab.Update(update));
  },
  async delete(ctx, { as, id, to = [] }) {
    const note = objects.get(id);
    objects.delete(id);
    gone.add(id);
    const tombstone = new vocab.Tombstone({ id: note.id, deleted: now() });
    const deletion = { id: mint("activities"), actor: ctx.getActorUri(as), object: tombstone, tos: note.toIds, ccs: note.ccIds };
    return await send(ctx, as, await audience(ctx, as, to), new vocab.Delete(deletion));
  },
  async like(ctx, { as, object }) {
    const [thing, author] = await withAuthor(ctx, as, object);
    return await send(ctx, as, [author], new vocab.Like({ id: mint("activities"), actor: ctx.getActorUri(as), object: thing.id }));
  },
  async announce(ctx, { as, object }) {
    const [thing, author] = await withAuthor(ctx, as, object);
    const ids = { id: mint("activities"), actor: ctx.getActorUri(as), object: thing.id };
    const announce = new vocab.Announce({ ...ids, published: now(), to: PUBLIC, ccs: [ctx.getFollowersUri(as), author.id] });
    return await send(ctx, as, [author, ...of(followers, as).values()], announce);
  },
  async undo(ctx, { as, activity, to }) {
    const undone = said.get(activity);
    const recipients = await audience(ctx, as, to);
    return await send(ctx, as, recipients, new vocab.Undo({ id: mint("activities"), actor: ctx.getActorUri(as), object: undone }));
  },
  async block(ctx, { as, actor }) {
    const target = await lookup(ctx, as, actor);
    of(followers, as).delete(target.id.href);
    const block = new vocab.Block({ id: mint("activities"), actor: ctx.getActorUri(as), object: target.id });
    return await send(ctx, as, [target], block);
  },
  /** A request or offer of goods in Fedify's own types (FEP-0837). */
  async propose(ctx, { as, purpose = "request", quantity, unit, to = [] }) {
    const id = mint("proposals");
    const measure = new vocab.Measure({ unit, numericalValue: quantity });
    const publishes = new vocab.Intent({ id: new URL("#primary", id), action: "transfer", resourceQuantity: measure });
    const proposal = new vocab.Proposal({ id, attribution: ctx.getActorUri(as), purpose, publishes, to: PUBLIC, published: now() });
    objects.set(id.href, proposal);
    const create = { id: new URL("#create", id), actor: ctx.getActorUri(as), object: proposal, to: PUBLIC };
    return await send(ctx, as, await audience(ctx, as, to), new vocab.Create(create));
  },
  /** An agreement offered to a proposal (FEP-0837). `quantity` is a decimal string; Fedify's vocabulary has no `due`. */
  async offer(ctx, { as, intent, quantity, unit }) {
    const proposal = await lookup(ctx, as, intent.split("#")[0]);
    const proposer = await lookup(ctx, as, proposal.attributionId.href);
    const stipulates = new vocab.Commitment({
      satisfies: new URL(intent),
      resourceQuantity: new vocab.Measure({ unit, numericalValue: quantity }),
    });
    const agreement = new vocab.Agreement({ stipulates });
    const ids = { id: mint("activities"), actor: ctx.getActorUri(as), to: proposer.id };
    const offer = new vocab.Offer({ ...ids, object: agreement, published: now() });
    return await send(ctx, as, [proposer], offer);
  },
  async received() {
    return received;
  },
  /** WebFinger by the actor's URL: Fedify asks for a handle over https only, which a server on loopback cannot answer. */
  async webfinger(ctx, { url }) {
    return await ctx.lookupWebFinger(new URL(url), { allowPrivateAddress: true });
  },
  /** What Fedify makes of a URL fetched with a signature, encoded anew from its own classes. */
  async lookup(ctx, { as, url }) {
    const found = await lookup(ctx, as, url);
    return { type: found.constructor.name, json: await reencode(found) };
  },
  async verify(_ctx, { json }) {
    return { verified: (await proofHolds(json)) === true };
  },
  async followers(_ctx, { as }) {
    return { followers: [...of(followers, as).keys()], following: [...of(following, as).keys()] };
  },
};

async function lookup(ctx, as, id) {
  const documentLoader = await ctx.getDocumentLoader({ identifier: as });
  const found = await ctx.lookupObject(id, { documentLoader });
  if (found == null) throw new Error(`Fedify finds nothing at ${id}`);
  return found;
}

async function withAuthor(ctx, as, id) {
  const thing = await lookup(ctx, as, id);
  return [thing, await lookup(ctx, as, thing.attributionId.href)];
}

async function audience(ctx, as, to) {
  const named = await Promise.all(to.map((id) => lookup(ctx, as, id)));
  return [...new Map([...of(followers, as).values(), ...named].map((actor) => [actor.id.href, actor])).values()];
}

// What comes in.

async function handleInbox(request) {
  const entry = await inspect(request);
  received.push(entry);
  const refused = flags.only && (entry.scheme !== flags.only || !entry.signature);
  const response = refused
    ? new Response(`Only ${SPECS[flags.only]} is understood here.`, { status: 401 })
    : await federation.fetch(request, { contextData: entry });
  entry.status = response.status;
  return response;
}

async function handleControl(request, url) {
  const verb = url.pathname.slice("/control/".length);
  const body = request.method === "POST" ? await request.json() : Object.fromEntries(url.searchParams);
  const ctx = federation.createContext(new URL(origin), null);
  try {
    return Response.json((await control[verb](ctx, { as: "ana", ...body })) ?? {});
  } catch (error) {
    return Response.json({ error: format(error), answered: error?.statusCode ?? null }, { status: 502 });
  }
}

async function handle(request) {
  const url = new URL(request.url);
  if (url.pathname.startsWith("/control/")) return await handleControl(request, url);
  if (request.method === "POST") return await handleInbox(request);
  if (gone.has(url.href)) return new Response(null, { status: 410, headers: { "content-type": MEDIA_TYPE } });
  return await federation.fetch(request, { contextData: null });
}

const server = createServer(async (incoming, outgoing) => {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, all]) => all.map((value) => [name, value]));
  const body = chunks.length ? Buffer.concat(chunks) : undefined;
  const request = new Request(`${origin}${incoming.url}`, { method: incoming.method, headers, body });
  const response = await handle(request).catch((error) => {
    console.error(error);
    return new Response(String(error), { status: 500 });
  });
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
});

server.listen(Number(flags.port), "127.0.0.1", () => {
  origin = `http://127.0.0.1:${server.address().port}`;
  console.log(`listening ${origin}`);
});
process.on("SIGTERM", () => process.exit(0));
