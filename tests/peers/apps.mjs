/**
 * A whole day of an app that is built with masto.js or megalodon.
 *
 *     node apps.mjs masto|megalodon ORIGIN HANDLE PICTURE
 *
 * HANDLE is a collective of another node, to be followed. What only the test can do is asked of it, one line each, and it answers with
 * one line: `authorize URL` → the code; `post` → the uri of what HANDLE has just published. The last line is `done JSON`: what
 * the library made of the answers. Any answer that the library does not take ends the program with an error.
 */
import { openAsBlob } from "node:fs";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import * as masto from "masto";
import generator, { detector } from "megalodon";

const [, , library, origin, handle, picture] = process.argv;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob";
const SCOPES = "read write follow push";

async function ask(...words) {
  console.log(words.join(" "));
  return (await lines.next()).value;
}

async function until(happens, what) {
  for (let left = 100; left > 0; left--) {
    const found = await happens();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`it never happened: ${what}`);
}

async function refused(act) {
  try {
    await act();
  } catch (error) {
    return error.statusCode ?? error.response?.status ?? String(error);
  }
  throw new Error("it should have been refused");
}

async function withMasto() {
  const anybody = masto.createRestAPIClient({ url: origin });
  const oauth = masto.createOAuthAPIClient({ url: origin });
  const app = await anybody.v1.apps.create({ clientName: "masto.js", redirectUris: OUT_OF_BAND, scopes: SCOPES });
  const query = new URLSearchParams({ client_id: app.clientId, redirect_uri: OUT_OF_BAND, response_type: "code", scope: SCOPES });
  const code = await ask("authorize", `/oauth/authorize?${query}`);
  const secrets = { clientId: app.clientId, clientSecret: app.clientSecret };
  const token = await oauth.token.create({ grantType: "authorization_code", code, redirectUri: OUT_OF_BAND, ...secrets });
  const accessToken = token.accessToken;
  const api = masto.createRestAPIClient({ url: origin, accessToken });
  const instance = await api.v2.instance.fetch();
  const me = await api.v1.accounts.verifyCredentials();

  const media = await api.v2.media.create({ file: await openAsBlob(picture), description: "Una olla" });
  const said = await api.v1.statuses.create({ status: "Con foto #olla", mediaIds: [media.id], visibility: "public" });
  const answer = await api.v1.statuses.create({ status: "y más", inReplyToId: said.id });
  const edited = await api.v1.statuses.$select(answer.id).update({ status: "y mucho más" });
  const context = await api.v1.statuses.$select(said.id).context.fetch();
  await api.v1.statuses.$select(answer.id).remove();

  const { accounts } = await api.v2.search.list({ q: handle, resolve: true, type: "accounts" });
  const other = accounts[0];
  await api.v1.accounts.$select(other.id).follow();
  await until(async () => (await api.v1.accounts.relationships.fetch({ id: [other.id] }))[0].following, "followed");

  const streaming = masto.createStreamingAPIClient({ streamingApiUrl: instance.configuration.urls.streaming, accessToken });
  const user = streaming.user.subscribe();
  const heard = (async () => {
    for await (const event of user) if (event.event === "update" && event.payload.account.acct === other.acct) return event.payload;
  })();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const uri = await ask("post");
  const streamed = await heard;
  user.unsubscribe();
  streaming.close();
  const here = await until(async () => (await api.v1.timelines.home.list()).find((s) => s.uri === uri), "home");

  const favourited = await api.v1.statuses.$select(here.id).favourite();
  const boosted = await api.v1.statuses.$select(here.id).reblog();
  const bookmarked = await api.v1.statuses.$select(here.id).bookmark();
  const filter = await api.v2.filters.create({ title: "pan", context: ["home"], filterAction: "warn", keywordsAttributes: [{ keyword: "pan" }] });
  const filtered = (await api.v1.timelines.home.list()).find((s) => s.id === here.id).filtered;
  await api.v2.filters.$select(filter.id).remove();
  const notifications = await api.v1.notifications.list({ excludeTypes: ["follow"] });
  const pages = [];
  for await (const page of api.v1.timelines.home.list({ limit: 1 })) pages.push(...page.map((s) => s.id));
  await oauth.revoke({ ...secrets, token: accessToken });
  return {
    me: me.acct, version: instance.version, media: media.type, tags: said.tags.map((t) => t.name), pictures: said.mediaAttachments.length,
    descendants: context.descendants.length, edited: edited.content, streamed: streamed.uri === uri, followed: other.acct,
    favourited: favourited.favourited, boosted: boosted.reblog.id === here.id, bookmarked: bookmarked.bookmarked,
    filtered: filtered.map((f) => f.filter.title), notifications: notifications.length, pages: new Set(pages).size === pages.length && pages.length >= 2,
    revoked: await refused(() => api.v1.accounts.verifyCredentials()),
  };
}

async function withMegalodon() {
  const kind = await detector(origin);
  const anybody = generator(kind, origin);
  const app = await anybody.registerApp("megalodon", { scopes: SCOPES.split(" "), redirect_uris: OUT_OF_BAND });
  const code = await ask("authorize", app.url.slice(origin.length));
  const token = await anybody.fetchAccessToken(app.client_id, app.client_secret, code, OUT_OF_BAND);
  const api = generator(kind, origin, token.access_token);
  const instance = (await api.getInstance()).data;
  const me = (await api.verifyAccountCredentials()).data;

  const media = (await api.uploadMedia(createReadStream(picture), { description: "Una olla" })).data;
  await until(async () => (await api.getMedia(media.id)).data.url, "the picture");
  const said = (await api.postStatus("Con foto #olla", { media_ids: [media.id], visibility: "public" })).data;
  const answer = (await api.postStatus("y más", { in_reply_to_id: said.id })).data;
  const edited = (await api.editStatus(answer.id, { status: "y mucho más" })).data;
  const context = (await api.getStatusContext(said.id)).data;
  await api.deleteStatus(answer.id);

  const { accounts } = (await api.search(handle, { type: "accounts", resolve: true })).data;
  const other = accounts[0];
  await api.followAccount(other.id);
  await until(async () => [(await api.getRelationship(other.id)).data].flat()[0].following, "followed");

  const stream = await api.userStreaming();
  const heard = new Promise((resolve, reject) => {
    stream.on("update", (status) => status.account.acct === other.acct && resolve(status));
    stream.on("error", reject);
  });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const uri = await ask("post");
  const streamed = await heard;
  stream.stop();
  const here = await until(async () => (await api.getHomeTimeline()).data.find((s) => s.uri === uri), "home");

  const favourited = (await api.favouriteStatus(here.id)).data;
  const boosted = (await api.reblogStatus(here.id)).data;
  const bookmarked = (await api.bookmarkStatus(here.id)).data;
  const notifications = (await api.getNotifications({ exclude_types: ["follow"] })).data;
  await api.revokeToken(app.client_id, app.client_secret, token.access_token);
  return {
    me: me.acct, version: instance.version, media: media.type, tags: said.tags.map((t) => t.name), pictures: said.media_attachments.length,
    descendants: context.descendants.length, edited: edited.content, streamed: streamed.uri === uri, followed: other.acct,
    favourited: favourited.favourited, boosted: boosted.reblog.id === here.id, bookmarked: bookmarked.bookmarked,
    notifications: notifications.length, revoked: await refused(() => api.verifyAccountCredentials()),
  };
}

try {
  const found = await (library === "masto" ? withMasto() : withMegalodon());
  console.log(`done ${JSON.stringify(found)}`);
  process.exit(0);
} catch (error) {
  console.error(error, JSON.stringify(error.response?.data ?? error.details ?? null));
  process.exit(1);
}
