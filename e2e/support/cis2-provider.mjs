// A certified OpenID provider that says what CIS2 says: for the server's tests and for journeys in the browser.
//
//   node cis2-provider.mjs --port 9400 --client ID --redirect URI --jwks URL [--issuer ISSUER]
//
// or the same as CIS2_PORT, CIS2_CLIENT, CIS2_REDIRECT, CIS2_JWKS, CIS2_ISSUER. The issuer is only a name, with `:443` in
// it as in the real one's; discovery is at http://127.0.0.1:PORT/.well-known/openid-configuration. Port 0 lets the system
// choose. Prints `Ready http://127.0.0.1:PORT` once it serves.
//
// Switches, by POST: /control/rotate-keys signs with a new key; /control/delay?ms=… lets every answer wait;
// /control/refuse?error=… refuses at the login page; /control/reset undoes all three but the keys.

import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const setting = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return (at > 0 ? process.argv[at + 1] : process.env[`CIS2_${name.toUpperCase()}`]) ?? fallback;
};
const client = setting("client", "123456789012.apps.supplier");
const redirect = setting("redirect", "http://localhost:8080/api/cis2/callback");
const here = new URL(redirect).origin;
const jwks = setting("jwks", `${here}/.well-known/jwks.json`);
const issuer = setting("issuer", "https://am.cis2.example:443/openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare");

/** The people of the pretend CIS2 in the server, so that journeys read the same beside either. */
const people = [
  {
    sub: "999000000011", given: "Marigold", family: "Ashgrove", what: "Pharmacist", gphc: "2999901",
    acr: "AAL3_FIDO2", level: 3,
    role: ["999100000012", "S8000:G8000:R8003", '"Clinical":"Clinical Provision":"Health Professional Access Role"', ["B0570", "B0572"]],
  },
  {
    sub: "999000000022", given: "Tobias", family: "Fernleigh", what: "Pharmacy technician", gphc: "GPhC 5999902",
    acr: "AAL2_TOTP", level: "2",
    role: ["999100000023", "S8000:G8000:R8004", '"Clinical":"Clinical Provision":"Healthcare Support Worker Access Role"', ["B0570"]],
  },
  {
    sub: "999000000033", given: "Ottoline", family: "Brackwater", what: "Administrator", gphc: "",
    acr: "AAL3_SMARTCARD", level: 3,
    role: ["999100000034", "S8001:G8002:R8008", '"Support":"Support":"Admin/Clinical Support Access Role"', ["B0572"]],
  },
];

function claimsOf(person) {
  const [roleId, roleCode, roleName, activities] = person.role;
  return {
    sub: person.sub,
    uid: person.sub,
    nhsid_useruid: person.sub,
    name: `${person.family.toUpperCase()} ${person.given}`,
    given_name: person.given,
    family_name: person.family,
    display_name: `${person.given} ${person.family}`,
    idassurancelevel: "3",
    id_assurance_level: 3,
    authentication_assurance_level: person.level,
    selected_roleid: roleId,
    gphc_id: person.gphc,
    nhsid_user_orgs: [{ org_code: "FA123", org_name: "ELM PHARMACY" }],
    nhsid_nrbac_roles: [{
      org_code: "FA123", person_orgid: "999200000001", person_roleid: roleId,
      role_code: roleCode, role_name: roleName, activity_codes: activities,
    }],
  };
}

function signingKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
}

/** A provider cannot change its keys while it runs, so rotation makes another; sessions and codes are kept outside it. */
function provider() {
  const made = new Provider(issuer, {
    jwks: { keys: [signingKey()] },
    clients: [{
      client_id: client,
      redirect_uris: [redirect],
      post_logout_redirect_uris: [`${here}/`],
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: setting("signing", "RS512"),
      id_token_signed_response_alg: "RS256",
      jwks_uri: jwks,
      response_types: ["code"],
      grant_types: ["authorization_code"],
    }],
    clientAuthMethods: ["private_key_jwt"],
    // It asks no machine of its own network for keys; ours is this one.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    enabledJWA: { clientAuthSigningAlgValues: ["RS256", "RS512"], idTokenSigningAlgValues: ["RS256"] },
    acrValues: ["AAL2_OR_AAL3_ANY", "AAL3_ANY", "AAL3_FIDO2", "AAL3_SMARTCARD", "AAL2_TOTP"],
    claims: {
      acr: null,
      auth_time: null,
      iss: null,
      sid: null,
      openid: ["sub", "acr", "amr", "auth_time", "sid", "authentication_assurance_level", "id_assurance_level", "selected_roleid"],
      profile: ["name", "given_name", "family_name", "uid"],
      nhsperson: ["nhsid_useruid", "display_name", "idassurancelevel"],
      nationalrbacaccess: ["nhsid_nrbac_roles"],
      associatedorgs: ["nhsid_user_orgs"],
      professionalmemberships: ["gphc_id"],
    },
    scopes: ["openid", "profile", "nhsperson", "nationalrbacaccess", "associatedorgs", "selectedrole", "professionalmemberships"],
    cookies: { keys: ["only for tests"] },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
    pkce: { required: () => true },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 300, Interaction: 600, Session: 3600, Grant: 3600 },
    async findAccount(_, sub) {
      const person = people.find((one) => one.sub === sub);
      return person && { accountId: sub, claims: async () => claimsOf(person) };
    },
    /** Nobody is asked for consent: an employer gave it. */
    async loadExistingGrant(context) {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client.clientId,
        accountId: context.oidc.session.accountId,
      });
      grant.addOIDCScope(context.oidc.params.scope);
      await grant.save();
      return grant;
    },
  });
  for (const event of ["server_error", "grant.error", "userinfo.error"]) {
    made.on(event, (_, error) => console.error(event, error.error_detail ?? error.message));
  }
  return made;
}

let current = provider();
let answer = current.callback();
let delay = 0;
let refusal = "";

const page = (uid) => `<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Care Identity Service (for tests)</title></head><body><main>
<h1>Care Identity Service (for tests)</h1>
<h2>Who is signing in?</h2>
<ul>${people.map((one) => `<li><a id="${one.sub}" href="/interaction/${uid}/${one.sub}">${one.given} ${one.family}</a><br>${one.what}</li>`).join("\n")}</ul>
<p><a id="turn-back" href="/interaction/${uid}/turn-back">Turn back without signing in</a></p>
</main></body></html>`;

async function interaction(request, response, uid, choice) {
  await current.interactionDetails(request, response);
  if (!choice) {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(page(uid));
    return;
  }
  const person = people.find((one) => one.sub === choice);
  const error = refusal || (person ? "" : "access_denied");
  const result = error
    ? { error, error_description: "refused at the login page" }
    : { login: { accountId: person.sub, acr: person.acr, amr: [person.acr], remember: false } };
  await current.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

function control(url) {
  switch (url.pathname) {
    case "/control/rotate-keys":
      current = provider();
      answer = current.callback();
      return true;
    case "/control/delay":
      delay = Number(url.searchParams.get("ms"));
      return true;
    case "/control/refuse":
      refusal = url.searchParams.get("error") ?? "";
      return true;
    case "/control/reset":
      [delay, refusal] = [0, ""];
      return true;
    default:
      return false;
  }
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://127.0.0.1");
  if (request.method === "POST" && url.pathname.startsWith("/control/")) {
    response.statusCode = control(url) ? 204 : 404;
    response.end();
    return;
  }
  if (delay > 0) await new Promise((done) => setTimeout(done, delay));
  const [, first, uid, choice] = url.pathname.split("/");
  try {
    if (first === "interaction") await interaction(request, response, uid, choice);
    else answer(request, response);
  } catch (error) {
    response.statusCode = 400;
    response.end(String(error.message));
  }
});
server.listen(Number(setting("port", "0")), "127.0.0.1", () => {
  console.log(`Ready http://127.0.0.1:${server.address().port}`);
});
