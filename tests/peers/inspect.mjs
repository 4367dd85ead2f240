/** What Fedify's own functions find about one request to an inbox: its signature, its proofs. */
import { getDocumentLoader } from "@fedify/fedify/runtime";
import { detachSignature, verifyObject, verifyRequestDetailed } from "@fedify/fedify/sig";
import { Object as AsObject } from "@fedify/fedify/vocab";

export const SPECS = { cavage: "draft-cavage-http-signatures-12", rfc9421: "rfc9421" };

/** Fetches without cache and without signature; contexts that Fedify bundles never touch the network. */
const load = getDocumentLoader({ allowPrivateAddress: true });
export const loaders = { documentLoader: load, contextLoader: load };

/** Which kind of HTTP signature a request carries, if any. */
function schemeOf(headers) {
  if (headers.has("signature-input")) return "rfc9421";
  return headers.has("signature") || /^signature /i.test(headers.get("authorization") ?? "") ? "cavage" : null;
}

/**
 * null without a proof, else whether Fedify finds it valid and made by the author. A Linked Data signature, which Fedify adds
 * to what it sends, stands outside the proof.
 */
export async function proofHolds(json) {
  if (json?.proof == null) return null;
  try {
    return (await verifyObject(AsObject, detachSignature(json), loaders)) != null;
  } catch (error) {
    console.error(`proof of ${json.id}: ${error}`);
    return false;
  }
}

/** One POST to an inbox as the tests see it. `parsed`, `error` and `status` are filled in as Fedify handles it. */
export async function inspect(request) {
  const body = await request.clone().text();
  const scheme = schemeOf(request.headers);
  const checked = await verifyRequestDetailed(request.clone(), { ...loaders, ...(scheme ? { spec: SPECS[scheme] } : {}) });
  let json = null;
  try {
    json = JSON.parse(body);
  } catch {
    // Recorded as null; Fedify itself answers 400.
  }
  return {
    path: new URL(request.url).pathname,
    headers: Object.fromEntries(request.headers),
    type: json?.type ?? null,
    id: json?.id ?? null,
    object: json?.object?.id ?? json?.object ?? null,
    scheme,
    signature: checked.verified,
    reason: checked.verified ? null : checked.reason.type,
    key: checked.verified ? checked.key.id?.href : null,
    proof: await proofHolds(json),
    object_proof: typeof json?.object === "object" ? await proofHolds(json.object) : null,
    json,
    parsed: null,
    error: null,
    status: null,
  };
}
